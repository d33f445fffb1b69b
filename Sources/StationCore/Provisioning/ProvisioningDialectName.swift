/// The ways in which factory-new devices are provisioned (contract 5, "What a factory device looks like").
public enum ProvisioningDialectName: String, Sendable, Hashable, CaseIterable {
    case smartHome = "smarthome"
    case improv
    case espressif
}
