import SystemBus

/// An adapter as BlueZ shows it (doc/adapter-api.txt).
struct BlueZAdapterState: Sendable, Hashable {
    let path: String
    let address: String
    let isPowered: Bool
    let isDiscovering: Bool
    /// Whether it can connect to peripherals. BlueZ before 5.54 does not tell: then it is believed to.
    let isCentral: Bool
    /// Held down by a switch, as newer BlueZ says itself (`PowerState`, since 5.66).
    let isBlocked: Bool

    init(path: String, properties: [String: BusValue]) {
        self.path = path
        self.address = properties["Address"]?.string ?? ""
        self.isPowered = properties["Powered"]?.bool ?? false
        self.isDiscovering = properties["Discovering"]?.bool ?? false
        self.isCentral = properties["Roles"]?.strings.map { $0.contains("central") } ?? true
        self.isBlocked = properties["PowerState"]?.string == "off-blocked"
    }
}
