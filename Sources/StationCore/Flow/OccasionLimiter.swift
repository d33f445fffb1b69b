/// Lets the first of many alike occasions through and then one a period, for log lines that a peer can provoke.
public struct OccasionLimiter<Key: Hashable & Sendable>: Sendable {
    public let period: Duration
    /// How many keys are remembered. Beyond it the whole memory is dropped: a flood of invented names may cost a few
    /// log lines, never memory.
    public let capacity: Int
    private var lastPassed: [Key: MonotonicInstant] = [:]

    public init(period: Duration, capacity: Int) {
        self.period = period
        self.capacity = capacity
    }

    /// Whether this occasion is to be told; asking changes nothing.
    public func isDue(_ key: Key, at now: MonotonicInstant) -> Bool {
        self.lastPassed[key].map { $0.duration(to: now) >= self.period } ?? true
    }

    /// Whether this occasion is to be told; then it counts as told.
    public mutating func passes(_ key: Key, at now: MonotonicInstant) -> Bool {
        guard self.isDue(key, at: now) else { return false }
        if self.lastPassed.count >= self.capacity {
            self.lastPassed.removeAll(keepingCapacity: true)
        }
        self.lastPassed[key] = now
        return true
    }
}
