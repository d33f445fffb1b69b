public import StationCore

/// The ways by which the API reaches the station's host.
public struct HostPorts: Sendable {
    public var network: any HostNetwork
    public var system: any HostSystem
    /// Ends the agent gracefully, so that the service manager starts it afresh; returns at once.
    public var restartAgent: @Sendable () -> Void

    public init(
        network: any HostNetwork = NoNetwork(), system: any HostSystem = NoHost(),
        restartAgent: @escaping @Sendable () -> Void
    ) {
        self.network = network
        self.system = system
        self.restartAgent = restartAgent
    }
}
