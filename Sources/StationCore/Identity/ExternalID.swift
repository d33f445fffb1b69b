/// The name under which a device speaks on the broker; it is burnt into the device or given when it is provisioned.
public struct ExternalID: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// `nil` unless the text may stand in a topic (`TopicName.rule`).
    public init?(_ text: some StringProtocol) {
        guard TopicName.isValid(text) else { return nil }
        self.description = String(text)
    }
}
