/// Both clocks of a station in one seam: the monotonic one that times, and the wall clock that only dates.
///
/// Everything that waits or measures takes one, so that tests move time instead of waiting for it.
public protocol StationClock: Sendable {
    /// The monotonic clock.
    var now: MonotonicInstant { get }

    /// The wall clock. It may jump either way at any moment.
    var wallTime: Timestamp { get }

    /// Waits on the monotonic clock.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func sleep(until deadline: MonotonicInstant) async throws
}

extension StationClock {
    /// Waits on the monotonic clock.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    public func sleep(for duration: Duration) async throws {
        try await self.sleep(until: self.now.advanced(by: duration))
    }

    /// Waits on the monotonic clock, for loops that look themselves whether they are cancelled.
    ///
    /// - Returns: Whether the time has passed; `false` when the task was cancelled first.
    @discardableResult
    public func pause(until deadline: MonotonicInstant) async -> Bool {
        do {
            try await self.sleep(until: deadline)
            return true
        } catch {
            return false
        }
    }

    /// Waits on the monotonic clock, for loops that look themselves whether they are cancelled.
    ///
    /// - Returns: Whether the time has passed; `false` when the task was cancelled first.
    @discardableResult
    public func pause(for duration: Duration) async -> Bool {
        await self.pause(until: self.now.advanced(by: duration))
    }
}
