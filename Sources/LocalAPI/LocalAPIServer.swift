public import Accounts
public import Logging
public import ServiceLifecycle
public import StationCore
public import StationData

/// HTTP for the LAN (contract 2): one server, one port.
///
/// Put into a `ServiceGroup` it stops gracefully: it takes no more connections, lets requests under way end (at most
/// `LocalAPILimits.stopTime`) and returns from `run()`.
public final class LocalAPIServer: Service {
    private let configuration: LocalAPIConfiguration
    private let listener: ListenerState
    private let group: ServiceGroup

    /// - Parameters:
    ///   - broker: Who is who at brokers that ask.
    ///   - logins: What whoever hands out a login waits for.
    ///   - cloud: The link to the cloud, if there is one.
    ///   - radio: When nobody is to be told to download, and no network is to be looked for.
    ///   - host: The ways to the station's host.
    public init(
        configuration: LocalAPIConfiguration, hub: StationHub, commander: DeviceCommander, desk: AccountDesk,
        firmware: FirmwareLibrary, provisioning: any DeviceProvisioning = NoProvisioning(), broker: BrokerAuthority,
        logins: any LoginProjection = NoLoginProjection(), cloud: any CloudLinking = NoCloud(),
        radio: RadioQuiet = RadioQuiet(), host: HostPorts, health: HealthBoard, metrics: MetricRegistry,
        readiness: Readiness,
        clock: any StationClock = SystemStationClock(), logger: Logger
    ) {
        let state = ListenerState()
        let address = FirmwareAddress(listener: state, publicURL: configuration.publicURL)
        let offers = FirmwareOffers(
            hub: hub, commander: commander, address: address, radio: radio, clock: clock, logger: logger
        )
        let feed = LiveFeed(hub: hub, health: health, clock: clock)
        metrics.gauge("station_live_clients", help: "WebSockets of people that are open.") { Double(feed.clientCount) }
        let network = NetworkDesk(
            network: host.network, devices: WiFiSource(hub: hub, configured: configuration.wifi), radio: radio,
            clock: clock, logger: logger
        )
        let system = SystemDesk(ports: host, clock: clock, logger: logger)
        let responder = LocalAPIResponder(
            router: StationRouter(
                configuration: configuration, hub: hub, commander: commander, desk: desk, firmware: firmware,
                offers: offers, feed: feed, provisioning: provisioning, broker: broker, logins: logins,
                cloud: cloud, network: network, system: system, health: health, metrics: metrics, clock: clock
            ).build(),
            names: configuration.names, origins: configuration.origins, metrics: metrics, clock: clock, logger: logger
        )
        // The framework's own lines (every service that starts, every bind) say nothing that ours do not.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let listener = HTTPListener(
            configuration: configuration, responder: responder, metrics: metrics, clock: clock, logger: logger,
            onListening: { port in
                state.listens(on: port)
                readiness.reach(.httpListening)
            }
        )
        // Stopped from the right: the listener waits for requests under way, so what they wait for ends before it.
        var group = ServiceGroupConfiguration(services: [offers, feed, listener, network, system], logger: quiet)
        group.maximumGracefulShutdownDuration = configuration.limits.stopTime
        self.configuration = configuration
        self.listener = state
        self.group = ServiceGroup(configuration: group)
    }

    /// Serves until it is stopped.
    ///
    /// - Throws: `LocalAPIError.cannotListen` naming address and port.
    public func run() async throws {
        do {
            try await self.group.run()
        } catch {
            let failure =
                self.listener.isListening
                ? error
                : LocalAPIError(binding: self.configuration.host, self.configuration.port, failedWith: error)
            self.listener.ended(failure)
            throw failure
        }
        self.listener.ended(LocalAPIError.stopped)
    }

    /// Begins to stop, as a graceful shutdown of its service group does; `run()` returns when it is done.
    public func stop() async {
        await self.group.triggerGracefulShutdown()
    }

    /// The port that the server listens on; waits until it does.
    ///
    /// - Throws: `LocalAPIError` when it does not and will not, `CancellationError`.
    public var boundPort: Int {
        get async throws { try await self.listener.port }
    }
}
