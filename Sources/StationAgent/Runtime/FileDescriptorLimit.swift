import Glibc

/// The process's limit of open files.
///
/// libdispatch traps when a Swift process runs out of descriptors, so the agent takes as many as it may have.
enum FileDescriptorLimit {
    /// Raises the soft limit to the hard one and returns what is now allowed.
    static func raise() -> UInt64 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            // Not being allowed to is no fault: the old limit stays.
            _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return UInt64(limit.rlim_cur)
    }
}
