import Glibc

/// The process's memory on disk after a crash: it would hold the Wi-Fi's password, tokens and keys.
enum CoreDumps {
    /// Sees to it that the kernel writes none, whoever started the agent and with whatever limits.
    static func forbid() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        // Lowering a limit is always allowed.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }
}
