/// What those who watch the provisioning are told (contract 5, "Scan life-cycle").
public enum ProvisioningEvent: Sendable, Hashable {
    /// The radio's state, at first and when it becomes another.
    case adapter(ProvisioningAdapter)
    /// A device has come into sight, or something about it is new.
    case candidate(ProvisioningCandidate)
    /// A device is not in sight any more.
    case candidateLost(ExternalID)
    /// How far a device has come that is being provisioned.
    case progress(ExternalID, ProvisioningStep)
    /// It is over for a device: it is online, or there is a reason why it is not. Whether the station knows the device
    /// all the same, `deviceID` tells.
    case result(ExternalID, deviceID: DeviceID?, failure: ProvisioningFailure?)

    /// Which device it is about; `nil` for the radio.
    public var externalID: ExternalID? {
        switch self {
        case .adapter: nil
        case .candidate(let candidate): candidate.externalID
        case .candidateLost(let id), .progress(let id, _), .result(let id, _, _): id
        }
    }
}
