/// How often systemd wants to hear from the service, `WatchdogSec=` in its unit (sd_watchdog_enabled(3)).
enum WatchdogInterval {
    /// Nil if systemd watches nobody, or another process of this service.
    static func read(environment: [String: String], processID: Int32) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0 else {
            return nil
        }
        if let watched = environment["WATCHDOG_PID"], watched != String(processID) { return nil }
        return .microseconds(microseconds)
    }
}
