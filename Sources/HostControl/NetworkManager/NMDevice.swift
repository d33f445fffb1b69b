import StationCore
import SystemBus

/// A device as NetworkManager shows it.
struct NMDevice: Sendable {
    /// NMDeviceType.
    enum Kind: Sendable, Hashable {
        case ethernet
        case wifi
        /// Not of interest to anybody: the loopback device, Wi-Fi Direct beside its Wi-Fi.
        case hidden
        case other
    }

    let path: String
    let interface: String
    let kind: Kind
    let state: NMDeviceState
    let hardwareAddress: String?
    let active: String?
    let ip4: String?
    let ip6: String?

    init(path: String, properties: [String: BusValue]) {
        self.path = path
        self.interface = properties["Interface"]?.string ?? ""
        self.kind =
            switch properties["DeviceType"]?.integer {
            case 1: .ethernet
            case 2: .wifi
            case 30, 32: .hidden
            default: self.interface == "lo" ? .hidden : .other
            }
        self.state = NMDeviceState(properties["State"]?.integer)
        self.hardwareAddress = properties["HwAddress"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        self.active = properties["ActiveConnection"]?.objectPath?.unlessNone
        self.ip4 = properties["Ip4Config"]?.objectPath?.unlessNone
        self.ip6 = properties["Ip6Config"]?.objectPath?.unlessNone
    }

    /// Which of several Wi-Fi devices is the station's: one that is up before one that is not, else the first by name.
    static func wifi(of devices: [NMDevice]) -> NMDevice? {
        devices.filter { $0.kind == .wifi && $0.state != .unmanaged }.min { one, other in
            let (isUp, isOtherUp) = (one.state == .connected, other.state == .connected)
            return isUp == isOtherUp ? one.interface < other.interface : isUp
        }
    }
}

/// NMDeviceState, as far as anybody acts on it differently.
enum NMDeviceState: Sendable, Hashable {
    case unmanaged, unavailable, disconnected
    /// It associates.
    case preparing
    /// It waits for a password.
    case needsPassword
    /// It is in the network, and waits for an address.
    case addressing
    case connected
    case failed

    init(_ number: Int?) {
        self =
            switch number {
            case 20: .unavailable
            case 30, 110: .disconnected
            case 40, 50: .preparing
            case 60: .needsPassword
            case 70, 80, 90: .addressing
            case 100: .connected
            case 120: .failed
            default: .unmanaged
            }
    }

    var isConnecting: Bool {
        switch self {
        case .preparing, .needsPassword, .addressing: true
        default: false
        }
    }

    /// As people and programs are told it.
    var shown: NetworkDevice.State {
        switch self {
        case .unmanaged: .unmanaged
        case .unavailable: .unavailable
        case .disconnected, .failed: .disconnected
        case .preparing, .needsPassword, .addressing: .connecting
        case .connected: .connected
        }
    }
}
