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
    /// A threshold was violated; the alert is on record.
    case alertOpened(Alert)
    /// It ended, by itself or by hand, or with what it was about.
    case alertResolved(Alert)
    /// The places of a user, or a role in one of them, have changed: what it may see must be judged anew.
    case membershipChanged(UserID)
    /// Who may log in at the broker, or with which password, has changed.
    case loginsChanged
    /// How the station stands with its cloud has changed: it was claimed or is no longer, or other channels are wanted.
    case cloudChanged

    /// The device that it is about; `nil` where it is about none.
    public var deviceID: DeviceID? {
        switch self {
        case .deviceState(let id, _, _), .deviceStatus(let id, _, _, _), .deviceEvent(let id, _, _, _),
            .deviceCommand(let id, _, _), .deviceTransition(let id, _, _, _, _), .deviceHandshake(let id, _),
            .deviceCreated(let id), .deviceUpdated(let id), .deviceDeleted(let id):
            id
        case .alertOpened(let alert), .alertResolved(let alert): alert.deviceID
        case .account, .membershipChanged, .loginsChanged, .cloudChanged: nil
        }
    }
}
