public import StationCore

/// How a connection introduces itself and how patient it is.
public struct MQTTConnectionOptions: Sendable {
    /// 1–65535 bytes; the broker ends an older connection with the same id.
    public var clientID: String
    public var username: String?
    /// Ignored without `username` (MQTT 3.1.1 forbids it).
    public var password: Secret?
    /// After so much silence the broker is asked whether it is there, and after as much again the connection is lost.
    /// Whole seconds, at least 5.
    public var keepAlive: Duration
    /// Whether the broker forgets subscriptions and messages of an earlier connection of this `clientID`.
    public var cleanSession: Bool
    /// What the broker publishes when this connection ends without `close()`.
    public var lastWill: MQTTMessage?
    /// From the start of `open` to the broker's consent, name look-up and TLS included.
    public var connectDeadline: Duration
    /// From a message or subscription to its acknowledgement. If that does not come, the connection is closed, so that
    /// the message cannot be delivered later.
    public var publishDeadline: Duration
    /// The most messages that may be on their way (QoS 1: not acknowledged, QoS 0: not yet written), 1–10 000.
    public var maxInflight: Int
    /// The largest payload that is handed out, in bytes; of a larger one only the size.
    public var maximumPayload: Int

    public init(
        clientID: String,
        username: String? = nil,
        password: Secret? = nil,
        keepAlive: Duration = .seconds(15),
        cleanSession: Bool = true,
        lastWill: MQTTMessage? = nil,
        connectDeadline: Duration = .seconds(5),
        publishDeadline: Duration = .seconds(5),
        maxInflight: Int = 1_000,
        maximumPayload: Int = 256 * 1_024
    ) {
        self.clientID = clientID
        self.username = username
        self.password = password
        self.keepAlive = keepAlive
        self.cleanSession = cleanSession
        self.lastWill = lastWill
        self.connectDeadline = connectDeadline
        self.publishDeadline = publishDeadline
        self.maxInflight = min(max(maxInflight, 1), 10_000)
        self.maximumPayload = maximumPayload
    }
}
