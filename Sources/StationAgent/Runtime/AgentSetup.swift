import Glibc
import Logging
import MQTTTransport
import StationCore
import StationData
import StationMail

/// The configuration with what follows from it: paths, settings of the parts, the log.
struct AgentSetup: Sendable {
    let configuration: AgentConfiguration
    /// The file that the command line named; SIGHUP reads it again.
    let configurationFile: String?
    let surroundings: ProcessSurroundings
    let log: LogOutlet

    var databasePath: String { self.configuration.data.storePath }
    var deviceTypeFiles: DeviceTypeFiles { DeviceTypeFiles(directory: DeviceTypeFiles.defaultDirectory) }

    func hubSettings(_ secrets: StationSecrets) -> HubSettings {
        let devices = self.configuration.devices
        var settings = HubSettings(
            presence: PresenceRule(offlineAfter: devices.offlineAfter, lastWillGrace: devices.lastWillGrace),
            deviceRate: TokenBucket.Limit(perSecond: Double(devices.maxRate), burst: Double(devices.maxBurst)),
            flushInterval: self.configuration.telemetry.flushInterval,
            flushRows: self.configuration.telemetry.flushRows,
            readingRetention: self.configuration.retention.readings,
            eventRetention: self.configuration.retention.events
        )
        settings.loginKey = secrets.storeKey
        settings.chipID = ChipID.ofThisBoard(orElse: secrets.stationID).description
        return settings
    }

    /// Makes the data directory if need be. If a restore was interrupted after it had been decided, this ends it: to be
    /// called before anything in there is looked at.
    ///
    /// - Throws: `StorageError`.
    func prepareDirectory() throws(StorageError) {
        try DataDirectory(path: self.configuration.data.directory).prepare()
        try PendingRestore.complete(self.configuration.data)
    }

    /// The data directory with the station's secrets in it, both made if need be; the configuration goes before them.
    ///
    /// - Throws: `StorageError`.
    func secrets() throws(StorageError) -> StationSecrets {
        try self.prepareDirectory()
        return try SecretsFile(path: self.configuration.data.secretsPath).loadOrMake()
            .overridden(by: self.configuration)
    }

    /// The way for e-mails; nil without a mail server.
    func mailOutbox(clock: any StationClock, metrics: MetricRegistry) -> MailOutbox? {
        guard let server = self.configuration.smtp.server, let sender = self.configuration.smtp.sender else {
            return nil
        }
        return MailOutbox(
            server: server, sender: sender, clock: clock, metrics: metrics, logger: self.log.logger("station.mail")
        )
    }

    /// Opens the store for a command; the daemon may be running.
    ///
    /// - Throws: `DeviceTypeFiles.Fault`, `StorageError`, `StoreError`.
    func openHub() async throws -> (hub: StationHub, database: StationDatabase) {
        let registry = try self.deviceTypeFiles.load()
        umask(0o077)
        let secrets = try self.secrets()
        // SQLite gives what lies beside the store to the store's owner; the store itself, made by root, would be root's,
        // and the service could not open it.
        if geteuid() == 0 { _ = try DurableFile.create(self.databasePath, []) }
        let database = try StationDatabase.open(path: self.databasePath)
        let hub = try await StationHub.open(
            database: database, registry: registry, settings: self.hubSettings(secrets),
            logger: self.log.logger("station.hub")
        )
        return (hub, database)
    }
}
