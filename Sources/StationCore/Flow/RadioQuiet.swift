import Synchronization

/// The times in which the radio is to be left alone: on a Raspberry Pi Wi-Fi and Bluetooth share one, and what uses it in
/// the middle of a Bluetooth connection may well end that (contract 5, “What BlueZ really does”).
///
/// Whoever connects begins such a time and ends it; whoever can wait asks, or waits.
public final class RadioQuiet: Sendable {
    /// How many have begun one and not ended it.
    private let holders = Mutex(0)
    private let bells = Bells<Void>()

    public init() {}

    /// Whether the radio is to be left alone now.
    public var isQuiet: Bool { self.holders.withLock { $0 > 0 } }

    /// From now on the radio is to be left alone, until as many `end` have come.
    public func begin() {
        self.holders.withLock { $0 += 1 }
    }

    public func end() {
        let isOver = self.holders.withLock { holders in
            guard holders > 0 else { return false }
            holders -= 1
            return holders == 0
        }
        if isOver { self.bells.ring() }
    }

    /// Waits until the radio is free, or the task is cancelled.
    ///
    /// - Returns: Whether it is free.
    @discardableResult
    public func waitUntilOver() async -> Bool {
        let rings = self.bells.listen()
        if !self.isQuiet { return true }
        for await _ in rings where !self.isQuiet { return true }
        return !self.isQuiet
    }

    /// Waits until the radio is free, at most so long: for what somebody waits for.
    ///
    /// - Returns: Whether it is free.
    public func waitUntilOver(within limit: Duration, on clock: any StationClock) async -> Bool {
        // Cancelled or too late: how it is now is the answer.
        _ = try? await clock.limit(to: limit) { await self.waitUntilOver() }
        return !self.isQuiet
    }
}
