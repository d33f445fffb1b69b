import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import StationAgent

/// A data directory with a station in it, as the daemon finds and opens it, with clocks that only the test moves.
struct HealingScene {
    /// A station that has been opened.
    struct Station {
        let database: StationDatabase
        let hub: StationHub
        let health: HealthBoard
        let metrics: MetricRegistry
        let secrets: StationSecrets
        /// What the rescue said that it did.
        let recovery: String?

        var names: [String] { self.hub.devices().map(\.name).sorted() }

        func add(_ names: String...) async throws {
            _ = try await self.hub.addDevices(names.map { NewDevice(name: $0) })
        }
    }

    let directory: TemporaryDirectory
    let setup: AgentSetup
    let clock = ManualClock()
    let log = StationTestSupport.LogRecorder()
    /// What the disk is said to have; `nil`: it is asked.
    let space = Locked<FreeSpace?>(nil)

    static func run(
        isolation: isolated (any Actor)? = #isolation, _ body: (HealingScene) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.run { directory in
            var fixture = ConfigurationFixture(directory: directory)
            fixture.environment["DATA_DIR"] = directory.path("data")
            let setup = AgentSetup(
                configuration: try fixture.load(), configurationFile: nil,
                surroundings: ProcessSurroundings(environment: [:], hostName: "pi", hasTerminal: true),
                log: LogRecorder().outlet
            )
            try await body(HealingScene(directory: directory, setup: setup))
        }
    }

    var data: DataSection { self.setup.configuration.data }
    var shelf: BackupShelf { BackupShelf(directory: self.data.backupsPath) }
    var backup: StationBackup { StationBackup(setup: self.setup, clock: self.clock) }

    // MARK: What the daemon does

    /// Opens the station as the daemon does when it starts.
    func open() async throws -> Station {
        var rescue = StationRescue(setup: self.setup, clock: self.clock, logger: self.log.logger)
        let secrets = try rescue.secrets()
        let database = try rescue.openStore()
        var settings = self.setup.hubSettings(secrets)
        let space = self.space
        settings.freeSpace = { space.value ?? FreeSpace(path: "/") }
        let (health, metrics) = (HealthBoard(), MetricRegistry())
        let hub = try await StationHub.open(
            database: database, settings: settings, clock: self.clock, metrics: metrics, health: health,
            logger: self.log.logger
        )
        try await hub.markStarted(stationID: secrets.stationID, name: "Mill")
        return Station(
            database: database, hub: hub, health: health, metrics: metrics, secrets: secrets,
            recovery: rescue.recovery
        )
    }

    func keeper(_ station: Station) -> BackupKeeper {
        BackupKeeper(
            backup: self.backup, database: station.database, hub: station.hub, health: station.health,
            metrics: station.metrics, logger: self.log.logger
        )
    }

    /// Puts a backup on the shelf, a day after the one before.
    func save(_ station: Station) throws {
        self.clock.advance(by: BackupKeeper.period)
        try self.shelf.prepare()
        _ = try self.backup.make(of: station.database, at: self.shelf.nextPath(at: self.clock.wallTime))
    }

    /// A station with a device in each of two backups, and one that is in none; closed.
    func prepare() async throws {
        let station = try await self.open()
        try await station.add("first")
        try self.save(station)
        try await station.add("second")
        try self.save(station)
        try await station.add("third")
        try station.database.close()
        self.clock.advance(by: .seconds(60))
    }

    // MARK: What a disk does

    /// Spoils every page but the first two.
    func damage(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let size = try file.seekToEnd()
        for offset in stride(from: UInt64(8192), to: size, by: 4096) {
            try file.seek(toOffset: offset + 5)
            try file.write(contentsOf: [UInt8](repeating: 0xA5, count: 40))
        }
        try file.close()
    }

    func damageNewestBackup() throws {
        try self.damage(try #require(self.shelf.entries().first).path)
    }

    // MARK: What is there

    func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
    }

    func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    /// The damaged stores that were set aside.
    var copies: [String] { StationRescue.copies(of: self.data.storePath) }
}
