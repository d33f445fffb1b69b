import StationCore

/// Which of the log lines that a peer can provoke are written: one a minute about each device and reason (contract 1,
/// rule 7), and of all together one a second in the long run, whatever names somebody invents.
struct ProvokedLines {
    private struct Occasion: Hashable {
        let sender: String
        let reason: String
    }

    private static let limit = TokenBucket.Limit(perSecond: 1, burst: 100)

    private var occasions = OccasionLimiter<Occasion>(period: .seconds(60), capacity: 1000)
    private var bucket: TokenBucket

    init(at now: MonotonicInstant) {
        self.bucket = TokenBucket(limit: Self.limit, at: now)
    }

    /// Whether a line about this sender and reason is to be written now.
    mutating func passes(_ sender: String, _ reason: String, at now: MonotonicInstant) -> Bool {
        let occasion = Occasion(sender: sender, reason: reason)
        // A line that the common limit keeps back was not written, and may be the next time.
        guard self.occasions.isDue(occasion, at: now), self.bucket.take(Self.limit, at: now) else { return false }
        return self.occasions.passes(occasion, at: now)
    }
}
