/// What an Improv device is at (characteristic …001 and the first byte of its service data).
enum ImprovState: UInt8, Sendable, Hashable, CaseIterable {
    case authorizationRequired = 1
    case authorized = 2
    case provisioning = 3
    case provisioned = 4
}
