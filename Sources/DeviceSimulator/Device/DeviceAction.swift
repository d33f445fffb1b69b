public import MQTTTransport

/// What a virtual device wants its shell to do.
public enum DeviceAction: Sendable, Hashable {
    /// Connect and subscribe now; the answer is `connected` or `connectFailed`.
    case connect
    case publish(DevicePublication)
    /// End the connection in good order: the broker forgets the last will.
    case disconnect
    /// Drop the connection as a power cut does: the broker publishes the last will.
    case abort
    /// For the log and for tests; nothing is to be done.
    case notice(DeviceNotice)
}

/// A message that a virtual device sends.
public struct DevicePublication: Sendable, Hashable {
    /// What follows the device's own topic, such as `state`.
    public let suffix: String
    public let payload: [UInt8]
    public let qos: MQTTQualityOfService
    public let isRetained: Bool

    public init(suffix: String, payload: [UInt8], qos: MQTTQualityOfService, isRetained: Bool = false) {
        self.suffix = suffix
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
    }
}
