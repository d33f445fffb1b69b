public import StationCore

/// What a broker is told of a client that it may let in (contract 6, "HTTP fronts").
public struct BrokerAdmission: Sendable, Hashable {
    /// Whether the broker need not ask what it may do.
    public let isSuperuser: Bool
    /// When what it has shown is no longer good; `nil` for what has no end of its own.
    public let expiresAt: Timestamp?
}
