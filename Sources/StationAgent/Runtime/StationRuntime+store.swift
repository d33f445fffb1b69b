import Logging
import StationCore
import StationData

extension StationRuntime {
    /// The store of a running station, with what belongs to it.
    struct OpenStore {
        let database: StationDatabase
        let hub: StationHub
        let keeper: BackupKeeper
    }

    /// A large store takes a while to be read through.
    private static let checkTime = Duration.seconds(900)

    /// Opens the store, mended if need be.
    ///
    /// - Throws: `DeviceTypeFiles.Fault`, `StoreError`, `StorageError`, `BackupError`.
    func openStore(
        _ secrets: StationSecrets, _ rescue: inout StationRescue, notifier: SystemdNotifier
    ) async throws -> OpenStore {
        let registry = try self.setup.deviceTypeFiles.load()
        notifier.notify(.startTakes(Self.checkTime), .status("checks the store"))
        var isLastTry = false
        while true {
            do {
                let store = try await self.openStore(secrets, &rescue, registry, isLastTry)
                Ballast(directory: self.configuration.data.directory).take()
                return store
            } catch {
                guard StationRescue.isWantOfRoom(error), !isLastTry else { throw error }
                // With nothing left to give up it starts without a record of that, if it can: devices must be obeyed.
                isLastTry = !rescue.makeRoom()
            }
        }
    }

    private func openStore(
        _ secrets: StationSecrets, _ rescue: inout StationRescue, _ registry: DeviceTypeRegistry, _ isLastTry: Bool
    ) async throws -> OpenStore {
        var database = try rescue.openStore()
        var hub = try await self.openHub(database, registry, secrets, isLastTry)
        while hub == nil, rescue.canReplace {
            rescue.close(database)
            database = try rescue.replaceStore(because: "it cannot be loaded")
            hub = try await self.openHub(database, registry, secrets, isLastTry)
        }
        guard let hub else { throw StoreError.disk(.damaged, "a store that has just been made cannot be loaded") }
        try await self.tell(hub, rescue.recovery)
        self.readiness.reach(.storeMigrated)
        let backup = StationBackup(setup: self.setup, clock: self.clock)
        let keeper = BackupKeeper(
            backup: backup, database: database, hub: hub, health: self.health, metrics: self.metrics,
            logger: self.setup.log.logger("station.backup")
        )
        StationGauges.register(hub, in: self.metrics)
        StationGauges.register(keeper.shelf, self.clock, in: self.metrics)
        return OpenStore(database: database, hub: hub, keeper: keeper)
    }

    /// `nil` for a store with damage that its check has not shown.
    private func openHub(
        _ database: StationDatabase, _ registry: DeviceTypeRegistry, _ secrets: StationSecrets, _ isLastTry: Bool
    ) async throws(StoreError) -> StationHub? {
        do throws(StoreError) {
            let hub = try await StationHub.open(
                database: database, registry: registry, settings: self.setup.hubSettings(secrets), clock: self.clock,
                metrics: self.metrics, health: self.health, logger: self.setup.log.logger("station.hub")
            )
            try await hub.markStarted(
                stationID: secrets.stationID, name: self.configuration.station.name, evenUnrecorded: isLastTry
            )
            return hub
        } catch {
            guard error.diskFault == .damaged || error.diskFault == .unreadable else { throw error }
            self.logger.error("the store cannot be loaded", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Has health tell what was mended, now or less than a day ago.
    private func tell(_ hub: StationHub, _ recovery: String?) async throws(StoreError) {
        guard let recovery else { return try await hub.recallRecovery() }
        do throws(StoreError) {
            try await hub.recordRecovery(recovery)
        } catch {
            self.logger.error("it could not be recorded that the station was mended", metadata: ["error": "\(error)"])
        }
    }
}
