import StationCore

/// Pings on one connection, and whether the peer lives (contract 4, "Heartbeat and backoff").
struct LinkHeartbeat: Sendable, Equatable {
    enum Beat: Sendable, Equatable {
        case nothing
        case ping(Int)
        /// No sign of life in time.
        case dead
    }

    private let rules: LinkRules
    private var nextPing: MonotonicInstant
    private var lastNumber = 0
    /// The ping of the regular beat that nothing has followed yet.
    private var pingedAt: MonotonicInstant?
    /// The same for the newest ping after a change of the network.
    private var hurriedAt: MonotonicInstant?

    init(rules: LinkRules, at now: MonotonicInstant) {
        self.rules = rules
        self.nextPing = now.advanced(by: rules.heartbeat)
    }

    /// When `beat` wants to be called.
    var deadline: MonotonicInstant {
        self.hurriedAt.map { min(self.nextPing, $0.advanced(by: self.rules.networkAnswer)) } ?? self.nextPing
    }

    /// A frame came at this time: that is life, whatever it was.
    mutating func heard(at time: MonotonicInstant) {
        if let pingedAt, pingedAt <= time { self.pingedAt = nil }
        if let hurriedAt, hurriedAt <= time { self.hurriedAt = nil }
    }

    mutating func beat(at now: MonotonicInstant) -> Beat {
        if let hurriedAt, hurriedAt.advanced(by: self.rules.networkAnswer) <= now { return .dead }
        guard self.nextPing <= now else { return .nothing }
        guard self.pingedAt == nil else { return .dead }
        self.pingedAt = now
        self.nextPing = now.advanced(by: self.rules.heartbeat)
        return .ping(self.takeNumber())
    }

    /// A ping out of turn, since the network has changed; its number.
    mutating func hurry(at now: MonotonicInstant) -> Int {
        self.hurriedAt = now
        return self.takeNumber()
    }

    private mutating func takeNumber() -> Int {
        self.lastNumber += 1
        return self.lastNumber
    }
}
