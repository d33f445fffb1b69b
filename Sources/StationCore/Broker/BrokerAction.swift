/// What a client does with a topic at a broker (contract 6).
public enum BrokerAction: String, Sendable, Hashable, CaseIterable {
    /// Asks for the messages of a filter.
    case subscribe
    /// Is handed a message.
    case read
    /// Sends a message.
    case publish
}
