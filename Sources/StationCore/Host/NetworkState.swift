/// How the station's host is connected.
public struct NetworkState: Sendable, Hashable {
    /// How far the network reaches, as NetworkManager sees it.
    public enum Connectivity: String, Sendable, Hashable, CaseIterable {
        case unknown
        case none
        /// A page wants to be seen first.
        case portal
        /// Not as far as the internet.
        case limited
        case full
    }

    public let connectivity: Connectivity
    /// The interface by which most goes out.
    public let primaryInterface: String?
    public let gateway: String?
    public let nameServers: [String]
    /// Without the loopback device.
    public let devices: [NetworkDevice]
    public let wifi: WiFiStatus

    public init(
        connectivity: Connectivity, primaryInterface: String? = nil, gateway: String? = nil,
        nameServers: [String] = [], devices: [NetworkDevice], wifi: WiFiStatus
    ) {
        self.connectivity = connectivity
        self.primaryInterface = primaryInterface
        self.gateway = gateway
        self.nameServers = nameServers
        self.devices = devices
        self.wifi = wifi
    }
}
