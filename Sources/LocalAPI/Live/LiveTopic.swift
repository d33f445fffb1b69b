/// The kinds of message that a client of `/ws` is sent (contract 3), and by which it can choose.
enum LiveTopic: String, Sendable, Hashable, CaseIterable {
    case deviceState = "device_state"
    case deviceStatus = "device_status"
    case deviceEvent = "device_event"
    case deviceCommand = "device_command"
    case deviceTransition = "device_transition"
    case deviceCreated = "device_created"
    case deviceUpdated = "device_updated"
    case deviceDeleted = "device_deleted"
    case alert
    case mqttStatus = "mqtt_status"
    case cloudStatus = "cloud_status"
    case provisioning
}
