/// What an Improv device can be asked to do.
enum ImprovCommand: UInt8, Sendable, Hashable {
    case sendWiFiSettings = 1
    case identify = 2
    case deviceInformation = 3
}
