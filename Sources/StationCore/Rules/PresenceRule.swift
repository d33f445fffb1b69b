/// When a device counts as gone (contract 1, rule 6). Pure and on the monotonic clock alone, so that a step of the
/// wall clock changes nothing.
public struct PresenceRule: Sendable, Hashable {
    /// How long nothing at all may be heard.
    public let offlineAfter: Duration
    /// How long a last will is held back: a reconnecting device's old session sends it after the new one is up.
    public let lastWillGrace: Duration

    public init(offlineAfter: Duration = .seconds(180), lastWillGrace: Duration = .seconds(5)) {
        self.offlineAfter = offlineAfter
        self.lastWillGrace = lastWillGrace
    }

    /// Why a device that was online is to be called offline now; `nil` while it is not.
    public func reasonToCallOffline(_ presence: Presence, at now: MonotonicInstant) -> StatusReason? {
        if let will = presence.lastWillAt, will.duration(to: now) >= self.lastWillGrace {
            return .lastWill
        }
        if let heard = presence.lastHeardAt, heard.duration(to: now) < self.offlineAfter {
            return nil
        }
        return .silent
    }
}

/// What is remembered of a device's signs of life.
public struct Presence: Sendable, Hashable {
    public private(set) var lastHeardAt: MonotonicInstant?
    /// A last will that nothing has contradicted yet.
    public private(set) var lastWillAt: MonotonicInstant?

    public init() {}

    /// Any message from the device itself.
    public mutating func heard(at now: MonotonicInstant) {
        self.lastHeardAt = now
        self.lastWillAt = nil
    }

    /// The broker said that its connection broke. The first one counts: repeating it must not put off the verdict.
    public mutating func lastWill(at now: MonotonicInstant) {
        self.lastWillAt = self.lastWillAt ?? now
    }
}
