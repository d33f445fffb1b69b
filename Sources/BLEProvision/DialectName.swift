/// The ways in which factory-new devices are provisioned (contract 5, "What a factory device looks like").
public enum DialectName: String, Sendable, Hashable, CaseIterable {
    case smartHome = "smarthome"
    case improv
    case espressif
}
