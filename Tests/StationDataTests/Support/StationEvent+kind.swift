import StationCore

extension StationEvent {
    var kind: String {
        switch self {
        case .account: "account"
        case .deviceState: "state"
        case .deviceStatus: "status"
        case .deviceEvent: "event"
        case .deviceCommand: "command"
        case .deviceTransition: "transition"
        case .deviceHandshake: "handshake"
        case .deviceCreated: "created"
        case .deviceUpdated: "updated"
        case .deviceDeleted: "deleted"
        case .alertOpened: "opened"
        case .alertResolved: "resolved"
        case .membershipChanged: "membership"
        case .loginsChanged: "logins"
        case .cloudChanged: "cloud"
        }
    }
}
