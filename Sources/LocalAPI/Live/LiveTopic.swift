import StationCore

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

    /// What an event is told as; `nil` for one that is not told.
    init?(_ event: StationEvent) {
        switch event {
        case .deviceState: self = .deviceState
        case .deviceStatus: self = .deviceStatus
        case .deviceEvent: self = .deviceEvent
        case .deviceCommand: self = .deviceCommand
        case .deviceTransition: self = .deviceTransition
        case .deviceCreated: self = .deviceCreated
        case .deviceUpdated: self = .deviceUpdated
        case .deviceDeleted: self = .deviceDeleted
        case .alertOpened, .alertResolved: self = .alert
        case .account, .membershipChanged, .loginsChanged, .cloudChanged, .deviceHandshake: return nil
        }
    }

    /// The parts of the station whose health concerns everybody.
    init?(_ component: HealthBoard.Component) {
        switch component {
        case .mqtt: self = .mqttStatus
        case .cloud: self = .cloudStatus
        case .store, .ble, .clock: return nil
        }
    }
}
