/// The answer to whether a client may do something at a broker (contract 6).
public enum BrokerDecision: Sendable, Hashable {
    /// The client may.
    case allowed
    /// With the reason, for people.
    case denied(String)

    /// Whether it is `allowed`.
    public var isAllowed: Bool { self == .allowed }
}
