public import StationCore

/// The topics of one device in the `smarthome` dialect (contract 1).
public struct DeviceTopic: Sendable, Hashable {
    public static let handshake = "handshake"
    public static let handshakeAck = "handshake/ack"
    public static let state = "state"
    public static let event = "event"
    public static let heartbeat = "heartbeat"
    public static let command = "command"

    /// What a device subscribes to, as suffixes.
    public static let subscriptions = [Self.handshakeAck, Self.command]

    /// `{"status":"offline"}`, the last will, on `heartbeat`.
    public static let lastWill = Array(#"{"status":"offline"}"#.utf8)
    /// `{"status":"online"}`
    public static let online = Array(#"{"status":"online"}"#.utf8)

    /// `station/{stationId}/device/{externalId}/`
    public let prefix: String

    public init(stationID: StationID, externalID: ExternalID) {
        self.prefix = "station/\(stationID)/device/\(externalID)/"
    }

    /// The whole topic for a suffix.
    public func callAsFunction(_ suffix: String) -> String {
        self.prefix + suffix
    }

    /// The suffix of a topic of this device; `nil` for somebody else's.
    public func suffix(of topic: String) -> String? {
        guard topic.utf8.starts(with: self.prefix.utf8) else { return nil }
        return String(decoding: topic.utf8.dropFirst(self.prefix.utf8.count), as: UTF8.self)
    }
}
