/// Why the provisioning of a device does not even begin, or why it cannot be made to show itself.
public enum ProvisioningRefusal: Error, Sendable {
    /// No such device is in sight.
    case notPresent(ExternalID)
    /// It is being provisioned already, or waits its turn.
    case underWay(ExternalID)
    /// The radio is not ready.
    case unavailable(ProvisioningAdapter)
    /// The device has no way to show itself.
    case cannotIdentify(ExternalID)
    /// The device was told and did not obey, or could not be reached.
    case failed(ProvisioningFailure)
    /// What the store threw when the device was to be made known.
    case store(any Error)
}
