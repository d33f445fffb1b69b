/// The name of a station in topics and tokens: a UUID made at the first start, or what the configuration says.
public struct StationID: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// `nil` unless the text may stand in a topic (`TopicName.rule`).
    public init?(_ text: some StringProtocol) {
        guard TopicName.isValid(text) else { return nil }
        self.description = String(text)
    }
}
