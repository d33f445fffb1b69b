/// What the station announces to those who listen: live views, the cloud, other parts of the agent.
public enum StationEvent: Sendable, Hashable {
    /// The merged state after a report.
    case deviceState(DeviceID, state: JSONObject, at: Timestamp)
    case deviceStatus(DeviceID, status: DeviceStatus, reason: StatusReason?, at: Timestamp)
    case deviceEvent(DeviceID, kind: DeviceEventKind, data: JSONObject, at: Timestamp)
    /// A command that the broker took; secrets are left out.
    case deviceCommand(DeviceID, command: JSONObject, at: Timestamp)
    /// A boolean capability changed.
    case deviceTransition(DeviceID, key: String, old: Bool, new: Bool, at: Timestamp)
    case deviceHandshake(DeviceID, at: Timestamp)
    case deviceCreated(DeviceID)
    case deviceUpdated(DeviceID)
    case deviceDeleted(DeviceID)
    case account(AccountEvent)

    /// The device that it is about; `nil` where it is about none.
    public var deviceID: DeviceID? {
        switch self {
        case .deviceState(let id, _, _), .deviceStatus(let id, _, _, _), .deviceEvent(let id, _, _, _),
            .deviceCommand(let id, _, _), .deviceTransition(let id, _, _, _, _), .deviceHandshake(let id, _),
            .deviceCreated(let id), .deviceUpdated(let id), .deviceDeleted(let id):
            id
        case .account: nil
        }
    }
}
