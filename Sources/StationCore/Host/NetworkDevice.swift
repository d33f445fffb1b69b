/// A network device of the station's host.
public struct NetworkDevice: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case ethernet, wifi, other
    }

    public enum State: String, Sendable, Hashable, CaseIterable {
        /// NetworkManager leaves it alone.
        case unmanaged
        /// It cannot be used now: no cable, no radio, no firmware.
        case unavailable
        case disconnected
        case connecting
        case connected
    }

    /// Such as `eth0`.
    public let interface: String
    public let kind: Kind
    public let state: State
    /// Its MAC address.
    public let hardwareAddress: String?
    /// The name of the connection that is up, or comes up, on it.
    public let connection: String?
    /// With the length of the prefix: `192.168.1.20/24`.
    public let addresses: [String]

    public init(
        interface: String, kind: Kind, state: State, hardwareAddress: String? = nil, connection: String? = nil,
        addresses: [String] = []
    ) {
        self.interface = interface
        self.kind = kind
        self.state = state
        self.hardwareAddress = hardwareAddress
        self.connection = connection
        self.addresses = addresses
    }
}
