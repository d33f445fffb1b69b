internal import Glibc

extension LoopThread {
    /// Calls `body` on the loop once `delay` is over, and then, if `period` is given, once a period. Must be called on
    /// the loop. Monotonic clock, in steps of a millisecond, never too early; missed periods are not made up for.
    @discardableResult
    public func schedule(
        after delay: Duration,
        repeating period: Duration? = nil,
        _ body: @escaping @Sendable () -> Void
    ) -> LoopTimer {
        self.checkIsolated()
        return self.reactor.schedule(at: Self.now() + delay.wholeNanoseconds, period: period?.wholeNanoseconds, body)
    }

    /// Must be called on the loop; a timer that has fired or was cancelled is ignored.
    public func cancel(_ timer: LoopTimer) {
        self.checkIsolated()
        self.reactor.cancel(timer)
    }

    /// The monotonic clock in nanoseconds; readable from any thread.
    public static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
