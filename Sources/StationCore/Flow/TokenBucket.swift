/// A limit of so many a second with a burst, on the monotonic clock (contract 1, rule 11).
public struct TokenBucket: Sendable, Hashable {
    /// How fast tokens come back and how many there are at most.
    public struct Limit: Sendable, Hashable {
        public let perSecond: Double
        public let burst: Double

        public init(perSecond: Double, burst: Double) {
            self.perSecond = perSecond
            self.burst = burst
        }
    }

    private var tokens: Double
    private var refilledAt: MonotonicInstant

    /// Begins full.
    public init(limit: Limit, at now: MonotonicInstant) {
        self.tokens = limit.burst
        self.refilledAt = now
    }

    /// Takes a token; false when there is none.
    public mutating func take(_ limit: Limit, at now: MonotonicInstant) -> Bool {
        let elapsed = max(0, self.refilledAt.duration(to: now).seconds)
        self.tokens = min(limit.burst, self.tokens + elapsed * limit.perSecond)
        self.refilledAt = now
        guard self.tokens >= 1 else { return false }
        self.tokens -= 1
        return true
    }
}
