/// The network of the station's host; NetworkManager is the way (contract 2, `/api/network`).
public protocol HostNetwork: Sendable {
    /// How things are at this moment.
    ///
    /// - Throws: `HostFault` when that cannot be told. A host without Wi-Fi is no fault: its `wifi` says so.
    func state() async throws(HostFault) -> NetworkState

    /// Looks which Wi-Fi networks are in reach, and returns them with the strongest first, each name once and
    /// `HostLimits.networks` at most. Takes some seconds.
    ///
    /// - Throws: `HostFault`.
    func scan() async throws(HostFault) -> [WiFiNetwork]

    /// Joins a Wi-Fi network and returns once the station has an address in it. Where it has none within
    /// `HostLimits.joinTime` the connection that there was before is brought up again and nothing is kept of the new one.
    /// So it is too when the task is cancelled, but then nobody waits until it is up: the agent is stopping.
    ///
    /// The caller takes care that there is no second join, and no scan, at the same time.
    ///
    /// - Throws: `HostFault`.
    func join(_ wifi: WiFiCredentials) async throws(HostFault) -> WiFiStatus
}

/// Where nobody can be asked about the network.
public struct NoNetwork: HostNetwork {
    private static let fault = HostFault.unavailable(.networkManager, "the agent was not given a way to it")

    public init() {}

    public func state() async throws(HostFault) -> NetworkState { throw Self.fault }
    public func scan() async throws(HostFault) -> [WiFiNetwork] { throw Self.fault }
    public func join(_ wifi: WiFiCredentials) async throws(HostFault) -> WiFiStatus { throw Self.fault }
}
