/// How hard a message is tried. QoS 2 is not used.
public enum MQTTQualityOfService: UInt8, Sendable, Hashable, Comparable {
    /// QoS 0: written to the socket once.
    case atMostOnce = 0
    /// QoS 1: acknowledged by the receiver.
    case atLeastOnce = 1

    public static func < (one: Self, other: Self) -> Bool {
        one.rawValue < other.rawValue
    }
}
