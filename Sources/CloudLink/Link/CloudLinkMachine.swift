public import StationCore

/// The link to the cloud without a socket, a store or a clock: what happens goes in, what is to be done comes out
/// (contract 4, "States", "Heartbeat and backoff").
///
///     var machine = CloudLinkMachine()
///     for action in machine.handle(.start(credentials), at: clock.now) { … }
///
/// An input that does not fit the state does nothing.
public struct CloudLinkMachine: Sendable {
    public private(set) var state = LinkState.stopped
    private let rules: LinkRules
    private var credentials: LinkCredentials?
    private var backoff: LinkBackoff
    /// There while a connection is open.
    private var heartbeat: LinkHeartbeat?
    /// The token that the cloud gave and that is being stored.
    private var newToken: Secret?
    /// When the token was refused first, of those times since it was last accepted.
    private var refusedAt: MonotonicInstant?
    private var warnedOfCertificateAt: MonotonicInstant?
    private var timer: MonotonicInstant?

    public init(rules: LinkRules = LinkRules()) {
        self.rules = rules
        self.backoff = LinkBackoff(rules: rules)
    }

    /// Takes note of what happens.
    ///
    /// - Parameter generator: Where chance comes from, for pauses.
    /// - Returns: What is to be done, in this order.
    public mutating func handle(
        _ input: LinkInput, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> [LinkAction] {
        var actions = self.react(to: input, at: now, using: &generator)
        if self.timer != self.deadline {
            self.timer = self.deadline
            actions.append(.setTimer(self.timer))
        }
        return actions
    }

    /// Takes note of what happens, with the system's chance.
    public mutating func handle(_ input: LinkInput, at now: MonotonicInstant) -> [LinkAction] {
        var generator = SystemRandomNumberGenerator()
        return self.handle(input, at: now, using: &generator)
    }

    /// When time itself is to be told.
    private var deadline: MonotonicInstant? {
        switch self.state {
        case .stopped, .resetting: nil
        case .offline(let until), .connecting(let until): until
        case .waiting, .authenticated: self.heartbeat?.deadline
        case .authenticating(let until): self.heartbeat.map { min(until, $0.deadline) } ?? until
        case .claiming(let retryAt): [retryAt, self.heartbeat?.deadline].compactMap(\.self).min()
        }
    }

    private mutating func react(
        to input: LinkInput, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> [LinkAction] {
        switch input {
        case .start(let credentials): return self.start(credentials, at: now)
        case .opened: return self.open(at: now)
        case .message(let message):
            self.heartbeat?.heard(at: now)
            return self.obey(message, at: now, using: &generator)
        case .pong:
            self.heartbeat?.heard(at: now)
            return []
        case .heard(let time):
            self.heartbeat?.heard(at: time)
            return []
        case .closed(let loss): return self.lose(loss, at: now, using: &generator)
        case .timer: return self.passTime(at: now, using: &generator)
        case .networkChanged: return self.checkNetwork(at: now)
        case .credentialsChanged(let credentials): return self.change(to: credentials, at: now)
        case .storeFailed: return self.storeAgainLater(at: now)
        case .resetFailed:
            guard self.state == .resetting else { return [] }
            let loss = LinkLoss.other("a reset was ordered and could not be begun")
            return self.end(self.heartbeat == nil ? nil : .close(.done), loss, at: now, using: &generator)
        case .stop: return self.stop(at: now)
        }
    }

    // MARK: Beginning and end

    private mutating func start(_ credentials: LinkCredentials, at now: MonotonicInstant) -> [LinkAction] {
        guard self.state == .stopped else { return [] }
        self.credentials = credentials
        return self.connect(at: now)
    }

    private mutating func stop(at now: MonotonicInstant) -> [LinkAction] {
        guard self.state != .stopped else { return [] }
        var actions = self.leaveAuthenticated(at: now)
        if case .connecting = self.state { actions.append(.drop) }
        if self.heartbeat != nil { actions.append(.close(.leaving)) }
        self.heartbeat = nil
        self.newToken = nil
        return actions + self.enter(.stopped)
    }

    private mutating func enter(_ state: LinkState, because reason: String? = nil) -> [LinkAction] {
        self.state = state
        return [.report(state, because: reason)]
    }

    private mutating func connect(at now: MonotonicInstant) -> [LinkAction] {
        [.connect] + self.enter(.connecting(until: now.advanced(by: self.rules.connect)))
    }

    private mutating func open(at now: MonotonicInstant) -> [LinkAction] {
        guard case .connecting = self.state, let credentials else { return [] }
        self.heartbeat = LinkHeartbeat(rules: self.rules, at: now)
        let next =
            credentials.stationToken == nil
            ? LinkState.waiting : .authenticating(until: now.advanced(by: self.rules.answer))
        return [.send(credentials.greeting)] + self.enter(next)
    }

    /// The connection is gone.
    private mutating func lose(
        _ loss: LinkLoss, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> [LinkAction] {
        switch self.state {
        case .stopped, .offline: return []
        case .claiming, .resetting:
            // What is under way needs no connection.
            self.heartbeat = nil
            return []
        case .connecting, .waiting, .authenticating, .authenticated:
            return self.end(nil, loss, at: now, using: &generator)
        }
    }

    /// Ends a connection, unless it has ended by itself, and pauses.
    private mutating func end(
        _ ending: LinkAction?, _ loss: LinkLoss, at now: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) -> [LinkAction] {
        var actions = self.leaveAuthenticated(at: now)
        if let ending { actions.append(ending) }
        self.heartbeat = nil
        if case .certificate(let detail) = loss, self.mayWarnOfCertificate(at: now) {
            actions.append(.warnOfCertificate(detail))
        }
        let pause = self.backoff.pause(after: loss, using: &generator)
        return actions + self.enter(.offline(until: now.advanced(by: pause)), because: loss.description)
    }

    private mutating func leaveAuthenticated(at now: MonotonicInstant) -> [LinkAction] {
        guard case .authenticated(let since) = self.state else { return [] }
        if since.duration(to: now) >= self.rules.stable { self.backoff.reset() }
        return [.endRPC]
    }

    private mutating func mayWarnOfCertificate(at now: MonotonicInstant) -> Bool {
        if let last = self.warnedOfCertificateAt, last.duration(to: now) < self.rules.certificateGap { return false }
        self.warnedOfCertificateAt = now
        return true
    }

    // MARK: What the cloud says

    private mutating func obey(
        _ message: LinkMessage, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> [LinkAction] {
        switch (self.state, message) {
        case (.waiting, .claimSuccess(let token?)):
            self.newToken = token
            return [.storeToken(token)] + self.enter(.claiming(retryAt: nil))
        case (.waiting, .claimSuccess(nil)):
            let loss = LinkLoss.other("the cloud confirmed a claim without a token")
            return self.end(.close(.nonsense), loss, at: now, using: &generator)
        case (.authenticating, .authOK):
            self.refusedAt = nil
            return [.beginRPC] + self.enter(.authenticated(since: now))
        case (.authenticating, .authRefused), (.authenticated, .authRefused):
            return self.takeRefusal(at: now, using: &generator)
        case (.authenticating, .pendingReset), (.authenticating, .stationReset), (.authenticated, .pendingReset):
            return self.leaveAuthenticated(at: now) + [.resetStation] + self.enter(.resetting)
        case (.authenticated, _): return [.deliver]
        default: return [.ignore]
        }
    }

    /// One bad answer of a sick cloud must not unclaim a fleet: only the second, a minute later, counts.
    private mutating func takeRefusal(
        at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> [LinkAction] {
        let first = self.refusedAt ?? now
        self.refusedAt = first
        let isFinal = first.duration(to: now) >= self.rules.refusalGap
        let loss = LinkLoss.other("the cloud does not accept the station's token")
        let actions = self.end(.close(.done), loss, at: now, using: &generator)
        return isFinal ? [.setTokenAside] + actions : actions
    }

    // MARK: What time and the network say

    private mutating func passTime(
        at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> [LinkAction] {
        switch self.state {
        case .stopped, .resetting: return []
        case .offline(let until): return until <= now ? self.connect(at: now) : []
        case .connecting(let until):
            guard until <= now else { return [] }
            let loss = LinkLoss.other("no connection within \(self.rules.connect)")
            return self.end(.drop, loss, at: now, using: &generator)
        case .authenticating(let until) where until <= now:
            let loss = LinkLoss.other("no answer to the token within \(self.rules.answer)")
            return self.end(.drop, loss, at: now, using: &generator)
        case .claiming(let retryAt?) where retryAt <= now:
            guard let newToken else { return [] }
            return [.storeToken(newToken)] + self.enter(.claiming(retryAt: nil))
        case .waiting, .authenticating, .authenticated, .claiming:
            return self.beat(at: now, using: &generator)
        }
    }

    private mutating func beat(
        at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> [LinkAction] {
        switch self.heartbeat?.beat(at: now) ?? .nothing {
        case .nothing: return []
        case .ping(let number): return [.ping(number)]
        case .dead:
            if case .claiming = self.state {
                self.heartbeat = nil
                return [.drop]
            }
            return self.end(.drop, .other("no answer to a ping"), at: now, using: &generator)
        }
    }

    private mutating func checkNetwork(at now: MonotonicInstant) -> [LinkAction] {
        switch self.state {
        case .waiting, .authenticating, .authenticated:
            guard let number = self.heartbeat?.hurry(at: now) else { return [] }
            return [.ping(number)]
        case .stopped, .offline, .connecting, .claiming, .resetting: return []
        }
    }

    // MARK: What the store says

    private mutating func change(to credentials: LinkCredentials, at now: MonotonicInstant) -> [LinkAction] {
        guard self.state != .stopped, let before = self.credentials else { return [] }
        self.credentials = credentials
        if before.stationToken != credentials.stationToken { self.refusedAt = nil }
        switch self.state {
        case .stopped, .offline, .connecting, .resetting: return []
        case .claiming:
            guard credentials.stationToken != nil else { return [] }
            self.newToken = nil
        case .waiting, .authenticating, .authenticated:
            guard before.greeting != credentials.greeting else { return [] }
        }
        var actions = self.leaveAuthenticated(at: now)
        if self.heartbeat != nil { actions.append(.close(.done)) }
        self.heartbeat = nil
        return actions + self.connect(at: now)
    }

    private mutating func storeAgainLater(at now: MonotonicInstant) -> [LinkAction] {
        guard case .claiming = self.state else { return [] }
        let reason = "the cloud's token could not be stored"
        return self.enter(.claiming(retryAt: now.advanced(by: self.rules.storePause)), because: reason)
    }
}
