/// A message to be published.
public struct MQTTMessage: Sendable, Hashable {
    /// 1–65535 bytes of UTF-8, without `+`, `#` and NUL.
    public var topic: String
    public var payload: [UInt8]
    public var qos: MQTTQualityOfService
    /// Whether the broker keeps it for later subscribers.
    public var retain: Bool

    public init(
        topic: String,
        payload: [UInt8],
        qos: MQTTQualityOfService = .atLeastOnce,
        retain: Bool = false
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
    }

    /// A message whose payload is text.
    public init(topic: String, text: String, qos: MQTTQualityOfService = .atLeastOnce, retain: Bool = false) {
        self.init(topic: topic, payload: Array(text.utf8), qos: qos, retain: retain)
    }
}
