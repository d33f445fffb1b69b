import Accounts
import Glibc
import LocalAPI
import Logging
import MQTTBridge
import PollLoop
import ServiceLifecycle
import StationCore
import StationData
import UnixSignals

/// The composition root: everything that a running station consists of, in the order of dependence.
struct StationRuntime {
    /// In a stop everything under way is waited for this long (contract 7: 5 s for requests, then the flush).
    private static let stopLimit = Duration.seconds(10)

    let setup: AgentSetup
    let logger: Logger
    let clock = SystemStationClock()
    let health = HealthBoard()
    let metrics = MetricRegistry()
    let readiness = Readiness()

    var configuration: AgentConfiguration { self.setup.configuration }
    var environment: [String: String] { self.setup.surroundings.environment }

    private init(_ setup: AgentSetup) {
        self.setup = setup
        self.logger = setup.log.logger("station")
    }

    /// Runs the station until it is told to stop.
    ///
    /// - Throws: What makes a start impossible: the certificate, the data directory, a second daemon, secrets, device
    ///   types, the store, a port that is taken. Faults of the surroundings later on never end it.
    static func run(_ setup: AgentSetup) async throws {
        try await StationRuntime(setup).run()
    }

    private func run() async throws {
        CoreDumps.forbid()
        let descriptors = FileDescriptorLimit.raise()
        // Whatever is made from here on is for the agent's user alone, wherever DATA_DIR is.
        umask(0o077)
        // A limit to the size of files is then an error of the write, as a full disk is.
        signal(SIGXFSZ, SIG_IGN)
        let doors = try APIDoors(
            self.configuration.http, environment: self.environment, at: self.clock.wallTime, logger: self.logger
        )
        try self.setup.prepareDirectory()
        let lock = try InstanceLock(path: self.configuration.data.lockPath)
        defer { lock.release() }
        // Under the lock: a restore at the same moment must not leave the old secrets with the new store.
        var rescue = StationRescue(
            setup: self.setup, clock: self.clock, logger: self.setup.log.logger("station.rescue"))
        let secrets = try rescue.secrets()
        self.logger.notice(
            "station-agent starts",
            metadata: [
                "version": "\(AgentVersion.text)", "station": "\(secrets.stationID)",
                "data": "\(self.configuration.data.directory)", "descriptors": "\(descriptors)",
            ]
        )
        let notifier = SystemdNotifier(environment: self.environment, logger: self.logger)
        let store = try await self.openStore(secrets, &rescue, notifier: notifier)
        let loop = try LoopThread(name: "mqtt")
        let busLoop = try LoopThread(name: "dbus")
        try await self.serve(doors, secrets, store: store, loop: loop, busLoop: busLoop, notifier: notifier)
        busLoop.stop()
        loop.stop()
        try store.database.close()
        self.logger.notice("station-agent has stopped")
    }

    private func serve(
        _ doors: APIDoors, _ secrets: StationSecrets, store: OpenStore, loop: LoopThread, busLoop: LoopThread,
        notifier: SystemdNotifier
    ) async throws {
        let hub = store.hub
        let policy = BrokerPolicyBoard()
        let policyFile = PolicyFile(
            path: self.configuration.access.policyFile, board: policy, clock: self.clock,
            logger: self.setup.log.logger("station.policy")
        )
        // Before anybody is judged by it.
        policyFile.look()
        let issuer = self.configuration.access.issuer.map(IssuerTokens.init)
        let bridge = try self.bridge(secrets, hub: hub, loop: loop, policy: policy)
        let outbox = self.setup.mailOutbox(clock: self.clock, metrics: self.metrics)
        let commander = DeviceCommander(hub: hub, channel: bridge, clock: self.clock)
        let cloud = try self.cloud(hub: hub, commander: commander, channel: bridge)
        let radio = RadioQuiet()
        let provisioner = self.provisioner(secrets, hub: hub, logins: bridge.logins, loop: busLoop, radio: radio)
        let wifi = StationWiFi(self.configuration.provisioning)
        let host = self.hostControl(loop: busLoop)
        let api = await self.api(
            doors, secrets, hub: hub, bridge: bridge, commander: commander, provisioner: provisioner, radio: radio,
            host: host.ports, wifi: wifi, cloud: cloud.link, mail: outbox, issuer: issuer
        )
        let hostUpkeep = HostUpkeep(
            bus: host.bus, network: host.network, announcement: self.announcement(doors, secrets, hub: hub), api: api,
            hub: hub, cloud: cloud.link, loop: busLoop, clock: self.clock,
            logger: self.setup.log.logger("station.discovery")
        )
        let services: [(any Service)?] = [
            HubUpkeep(hub: hub, clock: self.clock, logger: self.logger), store.keeper, policyFile,
            self.issuerKeys(issuer), hostUpkeep, bridge, provisioner, outbox, cloud.service, api,
            SettingsReload(
                setup: self.setup, doors: doors, policy: policyFile, wifi: wifi, clock: self.clock, notifier: notifier,
                logger: self.logger
            ),
            ServiceReport(notifier: notifier, readiness: self.readiness, logger: self.logger),
            self.watchdog(api: api, hub: hub, loop: loop, notifier: notifier),
        ]
        var quiet = self.setup.log.logger("station.services")
        quiet.logLevel = .warning
        var group = ServiceGroupConfiguration(
            services: services.compactMap(\.self), gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet
        )
        group.maximumGracefulShutdownDuration = Self.stopLimit
        try await ServiceGroup(configuration: group).run()
    }

    private func issuerKeys(_ issuer: IssuerTokens?) -> IssuerKeys? {
        guard let issuer, let source = self.configuration.access.issuerKeys else { return nil }
        return IssuerKeys(
            tokens: issuer, source: source, clock: self.clock, logger: self.setup.log.logger("station.issuer")
        )
    }

    private func bridge(
        _ secrets: StationSecrets, hub: StationHub, loop: LoopThread, policy: BrokerPolicyBoard
    ) throws -> DeviceBridge {
        let login = self.setup.brokerLogin(secrets)
        var configuration = BridgeConfiguration(
            endpoint: self.configuration.mqtt.endpoint, stationID: secrets.stationID, username: login?.username,
            password: login?.password
        )
        configuration.access = self.setup.brokerAccess(policy: policy)
        configuration.access.copy = try self.setup.brokerCopy(secrets)
        return DeviceBridge(
            configuration: configuration, hub: hub, loop: loop, health: self.health, metrics: self.metrics,
            readiness: self.readiness, clock: self.clock, logger: self.setup.log.logger("station.mqtt")
        )
    }

    private func api(
        _ doors: APIDoors, _ secrets: StationSecrets, hub: StationHub, bridge: DeviceBridge,
        commander: DeviceCommander, provisioner: any DeviceProvisioning, radio: RadioQuiet, host: HostPorts,
        wifi: StationWiFi, cloud: any CloudLinking, mail: (any MailSender)?, issuer: IssuerTokens?
    ) async -> LocalAPIServer {
        let http = self.configuration.http
        var configuration = LocalAPIConfiguration(
            host: http.host, port: http.port, agentToken: secrets.agentToken, version: AgentVersion.text,
            stationID: secrets.stationID, stationName: self.configuration.station.name
        )
        configuration.wifi = { wifi.credentials }
        configuration.publicURL = { http.publicURL(boundPort: $0) }
        configuration.brokerAddresses = self.configuration.access.askers
        configuration.credentialLifetime = self.configuration.access.credentialLifetime
        doors.open(&configuration)
        let desk = await self.setup.accountDesk(
            secrets, hub: hub, mail: mail, port: doors.inherited.port, clock: self.clock
        )
        let broker = BrokerAuthority(
            hub: hub, desk: desk, issuer: issuer, policy: bridge.configuration.access.policy,
            agent: self.setup.brokerLogin(secrets), refusals: bridge.configuration.access.refusals, clock: self.clock
        )
        return LocalAPIServer(
            configuration: configuration, hub: hub, commander: commander, desk: desk,
            firmware: await self.setup.firmwareLibrary(hub: hub, clock: self.clock), provisioning: provisioner,
            broker: broker, logins: bridge.logins, cloud: cloud, radio: radio,
            host: host, health: self.health, metrics: self.metrics, readiness: self.readiness, clock: self.clock,
            logger: self.setup.log.logger("station.http")
        )
    }

    private func watchdog(
        api: LocalAPIServer, hub: StationHub, loop: LoopThread, notifier: SystemdNotifier
    ) -> Watchdog? {
        Watchdog(
            interval: WatchdogInterval.read(environment: self.environment, processID: getpid()),
            probes: [
                WatchdogProbe("http") { try await api.probe() },
                WatchdogProbe("store") { try await hub.probeStore() },
                WatchdogProbe("mqtt") { await Self.hop(through: loop) },
            ],
            notifier: notifier, logger: self.logger
        )
    }

    /// Returns once a loop thread has taken up something new.
    private static func hop(through loop: LoopThread) async {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume() }
        }
    }
}
