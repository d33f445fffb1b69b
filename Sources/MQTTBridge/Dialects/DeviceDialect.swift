import StationCore

/// One way in which devices speak on the broker: topics and payloads in, domain values out, and commands back.
///
/// The bridge knows dialects only by this protocol; a new one touches neither the bridge nor the domain (contract 1,
/// "Other dialects").
protocol DeviceDialect: Sendable {
    var id: DialectID { get }

    /// The filters under which its devices publish.
    var subscriptions: [String] { get }

    /// The first level of its topics, by which a message finds its dialect.
    var topicRoot: Substring { get }

    /// Reads a message of one of its devices.
    ///
    /// - Throws: `MessageRejection` for whatever is not exactly as it should be (contract 1, rule 7).
    func report(from message: DeviceMessage) throws(MessageRejection) -> DeviceReport

    /// How a device is told that its handshake was understood; `nil` where the dialect has no such answer.
    func handshakeAnswer(to sender: ExternalID, scope: String, isKnown: Bool) -> OutboundMessage?

    /// How a device is told a command.
    ///
    /// - Throws: `CommandRefusal` when the dialect cannot express it.
    func message(
        for command: DeviceCommand, to device: ExternalID, scope: String
    ) throws(CommandRefusal) -> OutboundMessage
}

/// A message to a device, before the transport gets it.
struct OutboundMessage: Sendable, Hashable {
    let topic: String
    let payload: [UInt8]

    init(topic: String, payload: JSONObject) {
        self.topic = topic
        self.payload = JSONValue.object(payload).serialized()
    }
}
