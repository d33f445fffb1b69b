/// How far a device has come that is being provisioned (contract 5), in this order.
public enum ProvisioningStep: String, Sendable, Hashable, CaseIterable {
    case connecting
    case resolving
    case writing
    case waitingForDevice = "waiting_for_device"
    case online
}
