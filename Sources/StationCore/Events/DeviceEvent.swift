/// One line of the activity feed: something that happened to or by a device.
public struct DeviceEvent: Sendable, Hashable {
    /// The kinds of line that the feed knows (contract 2, "Shapes").
    public enum EventType: String, Sendable, Hashable, CaseIterable {
        case statusChanged = "status_changed"
        case stateTransition = "state_transition"
        case commandSent = "command_sent"
        case deviceEvent = "device_event"
        case userEvent = "user_event"
        case handshake
        case provisioned
        case alertOpened = "alert_opened"
        case alertResolved = "alert_resolved"
        case ota
    }

    public let id: EventID
    public let deviceID: DeviceID
    public let type: EventType
    public let payload: JSONObject
    public let createdAt: Timestamp

    public init(id: EventID, deviceID: DeviceID, type: EventType, payload: JSONObject, createdAt: Timestamp) {
        self.id = id
        self.deviceID = deviceID
        self.type = type
        self.payload = payload
        self.createdAt = createdAt
    }

    public init(_ type: EventType, of deviceID: DeviceID, payload: JSONObject, at time: Timestamp) {
        self.init(id: .make(at: time), deviceID: deviceID, type: type, payload: payload, createdAt: time)
    }
}
