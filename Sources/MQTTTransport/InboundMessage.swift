/// A message that the broker delivered.
///
/// There is no duplicate flag: libmosquitto does not hand it out, and on a clean session nothing is sent twice.
public struct InboundMessage: Sendable, Hashable {
    public var topic: String
    /// The bytes; empty when there were more than `MQTTConnectionOptions.maximumPayload`.
    public var payload: [UInt8]
    /// How many bytes the payload had.
    public var payloadSize: Int
    /// Whether this is the broker's copy of an earlier message, sent because we have just subscribed.
    public var isRetained: Bool
    /// 0, 1 or 2.
    public var qos: UInt8

    public init(topic: String, payload: [UInt8], payloadSize: Int? = nil, isRetained: Bool = false, qos: UInt8 = 0) {
        self.topic = topic
        self.payload = payload
        self.payloadSize = payloadSize ?? payload.count
        self.isRetained = isRetained
        self.qos = qos
    }

    /// The message without its payload if that is larger.
    public func limited(to maximum: Int) -> InboundMessage {
        guard self.payload.count > maximum else { return self }
        var message = self
        message.payload = []
        return message
    }

    /// Whether the payload was too large and is left out.
    public var isTooLarge: Bool { self.payload.count != self.payloadSize }
}
