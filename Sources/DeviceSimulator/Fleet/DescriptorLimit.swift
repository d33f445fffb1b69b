import Glibc

/// How many files the process may have open: a connection is one of them.
enum DescriptorLimit {
    /// Raises the soft limit as far as `count` more files need and the hard limit allows.
    ///
    /// - Throws: `FleetError.tooFewDescriptors` when the hard limit is below that.
    static func allow(_ count: Int) throws(FleetError) {
        // What the rest of the process has open: the standard files, loops, a log, a store.
        let needed = count + 64
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        guard limit.rlim_cur < rlim_t(needed) else { return }
        guard limit.rlim_max >= rlim_t(needed) else {
            throw .tooFewDescriptors(needed: needed, allowed: Int(clamping: limit.rlim_max))
        }
        limit.rlim_cur = rlim_t(needed)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw .tooFewDescriptors(needed: needed, allowed: Int(clamping: limit.rlim_max))
        }
    }
}
