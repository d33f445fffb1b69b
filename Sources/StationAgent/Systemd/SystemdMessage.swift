import Glibc

/// What a service tells systemd (sd_notify(3)).
enum SystemdMessage: Sendable, Hashable {
    /// The start is over, or a reload is.
    case ready
    /// The configuration is being read again; the time is that of the monotonic clock, as `Type=notify-reload` wants.
    case reloading(monotonicMicroseconds: UInt64)
    case stopping
    /// The start takes longer: so long is to be waited for `ready` from now on.
    case startTakes(Duration)
    /// Keep-alive.
    case watchdog
    /// One line for `systemctl status`.
    case status(String)

    /// `reloading` now.
    static func reloadingNow() -> SystemdMessage {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .reloading(monotonicMicroseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000)
    }

    /// The assignments on the wire, one a line.
    var wireText: String {
        switch self {
        case .ready: "READY=1"
        case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
        case .stopping: "STOPPING=1"
        case .startTakes(let time): "EXTEND_TIMEOUT_USEC=\(max(0, time.components.seconds) * 1_000_000)"
        case .watchdog: "WATCHDOG=1"
        // A line end would begin the next assignment.
        case .status(let text): "STATUS=" + text.replacing("\n", with: " ")
        }
    }
}
