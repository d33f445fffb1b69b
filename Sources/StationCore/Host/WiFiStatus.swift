/// How the station stands with Wi-Fi.
public struct WiFiStatus: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// There is no Wi-Fi device, or none that NetworkManager may use.
        case absent
        /// The radio is off, by a switch or by NetworkManager's setting.
        case blocked
        case disconnected
        case connecting
        case connected
    }

    public let state: State
    /// Of the device, such as `wlan0`.
    public let interface: String?
    /// The network that the station is in, or that it is about to join.
    public let network: WiFiNetwork?
    /// With the length of the prefix: `192.168.1.20/24`.
    public let addresses: [String]

    public init(
        state: State, interface: String? = nil, network: WiFiNetwork? = nil, addresses: [String] = []
    ) {
        self.state = state
        self.interface = interface
        self.network = network
        self.addresses = addresses
    }
}
