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
enum StationRuntime {
    /// In a stop everything under way is waited for this long (contract 7: 5 s for requests, then the flush).
    private static let stopLimit = Duration.seconds(10)

    /// Runs the station until it is told to stop.
    ///
    /// - Throws: What makes a start impossible: the certificate, the data directory, a second daemon, secrets, device types, the store, a
    ///   port that is taken. Faults of the surroundings later on never end it.
    static func run(_ setup: AgentSetup) async throws {
        let logger = setup.log.logger("station")
        let configuration = setup.configuration
        let descriptors = FileDescriptorLimit.raise()
        // Whatever is made from here on is for the agent's user alone, wherever DATA_DIR is.
        umask(0o077)
        let clock = SystemStationClock()
        let environment = setup.surroundings.environment
        let doors = try APIDoors(configuration.http, environment: environment, at: clock.wallTime, logger: logger)

        try setup.prepareDirectory()
        let lock = try InstanceLock(path: configuration.data.lockPath)
        defer { lock.release() }
        // Under the lock: a restore at the same moment must not leave the old secrets with the new store.
        let secrets = try setup.secrets()
        logger.notice(
            "station-agent starts",
            metadata: [
                "version": "\(AgentVersion.text)", "station": "\(secrets.stationID)",
                "data": "\(configuration.data.directory)", "descriptors": "\(descriptors)",
            ]
        )

        let health = HealthBoard()
        let metrics = MetricRegistry()
        let readiness = Readiness()
        health.report(.cloud, .off, "no cloud is configured")
        health.report(.ble, .off, "this version does not provision over Bluetooth")

        let registry = try setup.deviceTypeFiles.load()
        let database = try StationDatabase.open(path: setup.databasePath)
        let hub = try await StationHub.open(
            database: database, registry: registry, settings: setup.hubSettings, clock: clock, metrics: metrics,
            health: health, logger: setup.log.logger("station.hub")
        )
        try await hub.markStarted(stationID: secrets.stationID, name: configuration.station.name)
        readiness.reach(.storeMigrated)
        StationGauges.register(hub, in: metrics)

        let loop = try LoopThread(name: "mqtt")
        let bridge = DeviceBridge(
            configuration: BridgeConfiguration(
                endpoint: configuration.mqtt.endpoint, stationID: secrets.stationID, username: configuration.mqtt.user,
                password: configuration.mqtt.password
            ),
            hub: hub, loop: loop, health: health, metrics: metrics, readiness: readiness, clock: clock,
            logger: setup.log.logger("station.mqtt")
        )
        let commander = DeviceCommander(hub: hub, channel: bridge, clock: clock)
        let outbox = setup.mailOutbox(clock: clock, metrics: metrics)
        let desk = await setup.accountDesk(secrets, hub: hub, mail: outbox, clock: clock)
        let firmware = await setup.firmwareLibrary(hub: hub, clock: clock)
        var apiConfiguration = LocalAPIConfiguration(
            host: configuration.http.host, port: configuration.http.port, agentToken: secrets.agentToken,
            version: AgentVersion.text, stationID: secrets.stationID, stationName: configuration.station.name
        )
        apiConfiguration.publicURL = { configuration.http.publicURL(boundPort: $0) }
        doors.open(&apiConfiguration)
        let api = LocalAPIServer(
            configuration: apiConfiguration, hub: hub, commander: commander, desk: desk, firmware: firmware,
            health: health, metrics: metrics, readiness: readiness, clock: clock,
            logger: setup.log.logger("station.http")
        )
        let notifier = SystemdNotifier(environment: environment, logger: logger)
        let watchdog = Watchdog(
            interval: WatchdogInterval.read(environment: environment, processID: getpid()),
            probes: [
                WatchdogProbe("http") { try await api.probe() },
                WatchdogProbe("store") { try await hub.probeStore() },
                WatchdogProbe("mqtt") { await Self.hop(through: loop) },
            ],
            notifier: notifier, logger: logger
        )
        var quiet = setup.log.logger("station.services")
        quiet.logLevel = .warning
        let services: [(any Service)?] = [
            HubUpkeep(hub: hub, clock: clock, logger: logger), bridge, outbox, api,
            SettingsReload(setup: setup, doors: doors, clock: clock, notifier: notifier, logger: logger),
            ServiceReport(notifier: notifier, readiness: readiness, logger: logger), watchdog,
        ]
        var group = ServiceGroupConfiguration(
            services: services.compactMap(\.self),
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet
        )
        group.maximumGracefulShutdownDuration = Self.stopLimit
        try await ServiceGroup(configuration: group).run()

        loop.stop()
        try database.close()
        logger.notice("station-agent has stopped")
    }

    /// Returns once a loop thread has taken up something new.
    private static func hop(through loop: LoopThread) async {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume() }
        }
    }
}
