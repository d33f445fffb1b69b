/// Pauses between attempts that double up to a limit, each shortened by chance so that many who lost the same peer
/// do not come back together.
public struct Backoff: Sendable {
    public let base: Duration
    public let limit: Duration
    private var attempts = 0

    public init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    /// The next pause: between half of and the whole nominal one.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let doubled = self.base * (1 << min(self.attempts, 20))
        self.attempts += 1
        let nominal = min(doubled, self.limit)
        return nominal * Double.random(in: 0.5...1, using: &generator)
    }

    public mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return self.next(using: &generator)
    }

    /// Begins anew. To be called only after a connection has been *stable*: a peer that accepts and drops at once
    /// would otherwise be called without pause.
    public mutating func reset() {
        self.attempts = 0
    }
}
