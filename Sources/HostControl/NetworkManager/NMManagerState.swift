import StationCore
import SystemBus

/// NetworkManager itself, by its properties.
struct NMManagerState: Sendable {
    let connectivity: NetworkState.Connectivity
    /// The active connection by which most goes out.
    let primary: String?
    let devices: [String]
    /// Whether the Wi-Fi radio is held down: by rfkill, or by NetworkManager's own setting.
    let isRadioBlocked: Bool

    init(properties: [String: BusValue]) {
        // NMConnectivityState
        self.connectivity =
            switch properties["Connectivity"]?.integer {
            case 1: .none
            case 2: .portal
            case 3: .limited
            case 4: .full
            default: .unknown
            }
        self.primary = properties["PrimaryConnection"]?.objectPath?.unlessNone
        self.devices = (properties["Devices"]?.paths ?? []).prefix(NMLimits.devices).map { $0 }
        // A NetworkManager that does not tell is believed to have no switches.
        let isEnabled = properties["WirelessEnabled"]?.bool ?? true
        let isHardwareEnabled = properties["WirelessHardwareEnabled"]?.bool ?? true
        self.isRadioBlocked = !isEnabled || !isHardwareEnabled
    }
}

extension BusValue {
    /// The paths of an array of objects, `ao`.
    var paths: [String]? { self.array?.compactMap(\.objectPath) }
}

extension String {
    /// NetworkManager writes `/` for no object.
    var unlessNone: String? { self == NMName.none ? nil : self }
}
