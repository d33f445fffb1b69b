import Foundation
import Logging
import ServiceLifecycle
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("The backup of every day")
struct BackupKeeperTests {
    /// An open station with the keeper of its backups.
    private static func run(
        _ body: (HealingScene, HealingScene.Station, BackupKeeper) async throws -> Void
    ) async throws {
        try await HealingScene.run { scene in
            let station = try await scene.open()
            try await station.add("lamp")
            // The clock is judged with the first flush.
            await station.hub.lookRound()
            try await body(scene, station, scene.keeper(station))
            try station.database.close()
        }
    }

    private static func made(_ station: HealingScene.Station) -> Int {
        station.metrics.value(of: .backups, "made")
    }

    private static func failed(_ station: HealingScene.Station) -> Int {
        station.metrics.value(of: .backups, "failed")
    }

    @Test("is made when there is none, whole and closed to others, and again after a day, not before")
    func daily() async throws {
        try await Self.run { scene, station, keeper in
            await keeper.look()
            #expect(scene.shelf.entries().map(\.number) == [1])
            let path = try #require(scene.shelf.entries().first).path
            #expect(try scene.mode(path) == 0o600)
            #expect(try scene.mode(scene.data.backupsPath) == 0o700)
            #expect(try scene.names(in: scene.data.backupsPath).count == 1)
            #expect(try StationDatabase.verifyBackup(path, knownAs: path).madeAt == scene.clock.wallTime)
            scene.clock.advance(by: .seconds(86_399))
            await keeper.look()
            #expect(Self.made(station) == 1)
            scene.clock.advance(by: .seconds(1))
            await keeper.look()
            #expect(Self.made(station) == 2)
            #expect(station.health[.store]?.status == .ok)
        }
    }

    @Test("is kept for seven days")
    func seven() async throws {
        try await Self.run { scene, station, keeper in
            try await Self.live(scene, keeper, days: 10)
            #expect(scene.shelf.entries().map(\.number) == [10, 9, 8, 7, 6, 5, 4])
            #expect(Self.made(station) == 10)
        }
    }

    private static func live(_ scene: HealingScene, _ keeper: BackupKeeper, days: Int) async throws {
        for _ in 0..<days {
            await keeper.look()
            scene.clock.advance(by: BackupKeeper.period)
        }
    }

    @Test("waits for the day to be over although the agent was started anew meanwhile")
    func restart() async throws {
        try await Self.run { scene, station, keeper in
            await keeper.look()
            scene.clock.advance(by: .seconds(80_000))
            await scene.keeper(station).look()
            #expect(scene.shelf.entries().count == 1)
            scene.clock.advance(by: .seconds(6400))
            await scene.keeper(station).look()
            #expect(scene.shelf.entries().count == 2)
        }
    }

    @Test("does not fill the shelf because of a clock: of a future one another is made once, by a wrong one none")
    func clocks() async throws {
        try await Self.run { scene, station, keeper in
            await keeper.look()
            scene.clock.stepWall(by: .seconds(-1000 * 86_400))
            let later = scene.keeper(station)
            await later.look()
            #expect(scene.shelf.entries().map(\.number) == [2, 1])
            scene.clock.advance(by: .seconds(7200))
            await later.look()
            #expect(scene.shelf.entries().count == 2)
            station.health.report(.clock, .degraded, "it stands before its floor")
            scene.clock.stepWall(by: .seconds(5000 * 86_400))
            let last = scene.keeper(station)
            await last.look()
            #expect(scene.shelf.entries().count == 2)
            scene.clock.advance(by: BackupKeeper.period)
            await last.look()
            #expect(scene.shelf.entries().count == 3, "it has run for a day: that is known without a clock")
        }
    }

    @Test("of a store that is damaged is not kept; the older ones stay, health says so, and it is tried every hour")
    func damagedStore() async throws {
        try await Self.run { scene, station, keeper in
            await keeper.look()
            let madeAt = scene.clock.wallTime
            let shell = SQLiteShell(database: scene.data.storePath, directory: scene.directory)
            try await shell.run("PRAGMA wal_checkpoint(TRUNCATE)")
            try scene.damage(scene.data.storePath)
            scene.clock.advance(by: BackupKeeper.period)
            await keeper.look()
            #expect(Self.failed(station) == 1)
            #expect(scene.shelf.entries().map(\.number) == [1])
            #expect(try scene.names(in: scene.data.backupsPath).count == 1)
            let check = try #require(station.health[.store])
            #expect(check.status == .degraded)
            #expect(check.detail.hasPrefix("there is no backup since \(madeAt): The store is damaged: "))
            #expect(scene.log.lines("no backup could be made").map(\.level) == [.error])
        }
    }

    @Test("that cannot be written costs health its ok until one can, and is tried anew after an hour")
    func unwritable() async throws {
        try await Self.run { scene, station, keeper in
            try Data().write(to: URL(filePath: scene.data.backupsPath))
            await keeper.look()
            #expect(station.health[.store]?.detail.hasPrefix("there is no backup at all: ") == true)
            try await station.add("more")
            scene.clock.advance(by: .seconds(3000))
            await keeper.look()
            #expect(Self.failed(station) == 1)
            try FileManager.default.removeItem(atPath: scene.data.backupsPath)
            scene.clock.advance(by: .seconds(600))
            await keeper.look()
            #expect(Self.made(station) == 1)
            #expect(station.health[.store]?.status == .ok)
        }
    }

    @Test("is not made while the disk is full")
    func fullDisk() async throws {
        try await Self.run { scene, station, keeper in
            scene.space.withLock { $0 = FreeSpace(freeBytes: 1, totalBytes: 1 << 30) }
            scene.clock.advance(by: .seconds(1))
            await station.hub.lookRound()
            await keeper.look()
            #expect(scene.shelf.entries().isEmpty)
            #expect(Self.failed(station) == 0)
            scene.space.withLock { $0 = nil }
            scene.clock.advance(by: .seconds(1))
            await station.hub.lookRound()
            await keeper.look()
            #expect(Self.made(station) == 1)
        }
    }

    @Test("comes two minutes after the start, and by itself from then on")
    func service() async throws {
        try await Self.run { scene, station, keeper in
            let services = ServiceGroup(services: [keeper], logger: scene.log.logger)
            let work = Task { try await services.run() }
            try await eventually("it waits") { scene.clock.sleeperCount == 1 }
            scene.clock.advance(by: BackupKeeper.firstLook - .seconds(1))
            #expect(Self.made(station) == 0)
            scene.clock.advance(by: .seconds(1))
            try await eventually("there is a backup") { Self.made(station) == 1 }
            try await eventually("it waits again") { scene.clock.sleeperCount == 1 }
            scene.clock.advance(by: BackupKeeper.period)
            try await eventually("there are two") { Self.made(station) == 2 }
            await services.triggerGracefulShutdown()
            try await work.value
        }
    }
}
