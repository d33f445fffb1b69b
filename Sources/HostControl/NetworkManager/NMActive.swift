import SystemBus

/// A connection that is up, comes up or goes down.
struct NMActive: Sendable {
    /// NMActiveConnectionState.
    enum State: Sendable, Hashable {
        case activating, activated, deactivating, deactivated, unknown
    }

    let state: State
    let name: String?
    let profile: String?
    let devices: [String]
    /// Of a Wi-Fi connection the access point.
    let accessPoint: String?

    init(properties: [String: BusValue]) {
        self.state =
            switch properties["State"]?.integer {
            case 1: .activating
            case 2: .activated
            case 3: .deactivating
            case 4: .deactivated
            default: .unknown
            }
        self.name = properties["Id"]?.string
        self.profile = properties["Connection"]?.objectPath?.unlessNone
        self.devices = properties["Devices"]?.paths ?? []
        self.accessPoint = properties["SpecificObject"]?.objectPath?.unlessNone
    }
}
