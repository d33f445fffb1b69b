/// How readings make and end the alert of one threshold (contract 2, "Alert rules"). Pure: time is the readings'.
public struct ThresholdRule: Sendable, Hashable {
    public let kind: Threshold.Kind
    public let limit: Double
    public let clearBand: Double?
    public let forSeconds: Int

    public init(_ threshold: Threshold) {
        self.kind = threshold.kind
        self.limit = threshold.value
        self.clearBand = threshold.clearBand
        self.forSeconds = threshold.forSeconds ?? 0
    }

    /// How a threshold stands.
    public enum Phase: Sendable, Hashable {
        case quiet
        /// Beyond the limit, but not for as long as the threshold asks.
        case violated(since: Timestamp, AlertTally)
        case open(AlertTally)
    }

    /// What a reading makes of it.
    public enum Outcome: Sendable, Hashable {
        case unchanged
        case opens(AlertTally)
        /// One more reading beyond the limit, of an alert that is open already.
        case updates(AlertTally)
        case resolves
    }

    /// Beyond the limit is what is strictly beyond it.
    public func isViolated(by value: Double) -> Bool {
        switch self.kind {
        case .min: value < self.limit
        case .max: value > self.limit
        }
    }

    /// Whether a value is so far back inside the limit that an alert ends by itself.
    public func isCleared(by value: Double) -> Bool {
        guard let band = self.clearBand else { return false }
        return switch self.kind {
        case .min: value >= self.limit + band
        case .max: value <= self.limit - band
        }
    }

    /// Takes up the next reading.
    public func take(_ value: Double, at time: Timestamp, in phase: inout Phase) -> Outcome {
        guard self.isViolated(by: value) else {
            switch phase {
            case .open where self.isCleared(by: value):
                phase = .quiet
                return .resolves
            case .violated:
                phase = .quiet
                return .unchanged
            case .open, .quiet:
                return .unchanged
            }
        }
        switch phase {
        case .open(let tally):
            let grown = self.adding(value, to: tally)
            phase = .open(grown)
            return .updates(grown)
        // A clock that was set back must not put off an alert for as long as it was ahead.
        case .violated(let since, let tally) where since <= time:
            return self.advance(to: self.adding(value, to: tally), since: since, at: time, in: &phase)
        case .quiet, .violated:
            return self.advance(to: AlertTally(value), since: time, at: time, in: &phase)
        }
    }

    private func advance(
        to tally: AlertTally, since: Timestamp, at time: Timestamp, in phase: inout Phase
    ) -> Outcome {
        guard time.milliseconds - since.milliseconds >= Int64(self.forSeconds) * 1000 else {
            phase = .violated(since: since, tally)
            return .unchanged
        }
        phase = .open(tally)
        return .opens(tally)
    }

    private func adding(_ value: Double, to tally: AlertTally) -> AlertTally {
        var grown = tally
        grown.lastValue = value
        grown.peakValue = self.kind == .max ? max(tally.peakValue, value) : min(tally.peakValue, value)
        grown.count += 1
        return grown
    }
}
