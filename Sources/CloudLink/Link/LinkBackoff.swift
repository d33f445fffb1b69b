import StationCore

/// How long to wait before the next connection (contract 4, "Heartbeat and backoff").
///
/// Pauses double from 2 s to 60 s, each changed by up to 20 % either way. When a server closes because it restarts, all
/// of its stations lose it in the same second, and 20 % of 2 s would bring all of them back in the same second too: so
/// those come back evenly over 10 s. If that happens again before a link was stable, the usual pause comes first, so
/// that a server that always closes is not called every few seconds for ever.
struct LinkBackoff: Sendable {
    private let rules: LinkRules
    private var attempts = 0
    private var hasSpread = false

    init(rules: LinkRules) {
        self.rules = rules
    }

    mutating func pause(after loss: LinkLoss, using generator: inout some RandomNumberGenerator) -> Duration {
        guard loss.isRestart else { return self.next(using: &generator) }
        let spread = self.rules.spread * Double.random(in: 0...1, using: &generator)
        guard self.hasSpread else {
            self.hasSpread = true
            return spread
        }
        return self.next(using: &generator) + spread
    }

    /// A link was stable.
    mutating func reset() {
        self.attempts = 0
        self.hasSpread = false
    }

    private mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let doubled = self.rules.firstPause * (1 << min(self.attempts, 20))
        self.attempts += 1
        let chance = Double.random(in: (1 - self.rules.jitter)...(1 + self.rules.jitter), using: &generator)
        return min(doubled, self.rules.longestPause) * chance
    }
}
