import Foundation
import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("A station that starts with a damaged store")
struct StationRescueTests {
    @Test("gets the newest backup, loudly, and keeps the damaged one")
    func newest() async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            try scene.damage(scene.data.storePath)
            let damaged = try scene.bytes(scene.data.storePath)
            let newest = try #require(scene.shelf.entries().first)
            let station = try await scene.open()
            #expect(station.names == ["first", "second"])
            #expect(try await station.database.inspect().integrity == "ok")
            let recovery = try #require(station.recovery)
            #expect(recovery.contains("the backup of \(newest.madeAt) has taken its place"))
            #expect(recovery.contains("station.sqlite.damaged-2026"))
            #expect(scene.log.lines("the store is damaged").map(\.level) == [.critical])
            #expect(scene.log.lines("the station was mended").map(\.level) == [.critical])
            #expect(scene.copies.count == 1)
            #expect(try scene.bytes(scene.copies[0]) == damaged)
            #expect(try scene.mode(scene.data.storePath) == 0o600)
            #expect(try !scene.names(in: scene.data.directory).contains { $0.contains("restor") })
            // The backups are still there.
            #expect(scene.shelf.entries().count == 2)
            try station.database.close()
        }
    }

    @Test("gets the one before when the newest backup is damaged too")
    func olderBackup() async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            try scene.damage(scene.data.storePath)
            try scene.damageNewestBackup()
            let station = try await scene.open()
            #expect(station.names == ["first"])
            #expect(scene.log.lines("a backup is no good").count == 1)
            try station.database.close()
        }
    }

    @Test("begins afresh when no backup is good, with its own id and secrets, and starts well the next time")
    func fresh() async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            let secrets = try SecretsFile(path: scene.data.secretsPath).load()
            try scene.damage(scene.data.storePath)
            try Self.damageAllBackups(scene)
            let station = try await scene.open()
            #expect(station.names.isEmpty)
            #expect(station.secrets == secrets)
            #expect(station.recovery?.contains("there is no good backup: the station begins afresh") == true)
            #expect(scene.copies.count == 1)
            try await station.add("new")
            try station.database.close()
            let again = try await scene.open()
            #expect(again.recovery == nil)
            #expect(again.names == ["new"])
            try again.database.close()
        }
    }

    private static func damageAllBackups(_ scene: HealingScene) throws {
        for entry in scene.shelf.entries() { try scene.damage(entry.path) }
    }

    @Test("that is gone, or empty, or no database, is the same", arguments: ["gone", "empty", "text"])
    func lost(how: String) async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            let path = scene.data.storePath
            switch how {
            case "gone": try FileManager.default.removeItem(atPath: path)
            case "empty": try Data().write(to: URL(filePath: path))
            default: try Data(String(repeating: "Dear station, ", count: 1000).utf8).write(to: URL(filePath: path))
            }
            let station = try await scene.open()
            #expect(station.names == ["first", "second"])
            #expect(station.recovery != nil)
            #expect(scene.copies.count == (how == "gone" ? 0 : 1))
            try station.database.close()
        }
    }

    @Test("that is whole is left alone, and so is one that a newer agent has written")
    func whole() async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            let station = try await scene.open()
            #expect(station.names == ["first", "second", "third"])
            #expect(station.recovery == nil)
            try station.database.close()
            let shell = SQLiteShell(database: scene.data.storePath, directory: scene.directory)
            try await shell.run("INSERT INTO grdb_migrations VALUES ('9999-from-the-future')")
            let error = await #expect(throws: StoreError.self) { _ = try await scene.open() }
            guard case .newerSchema? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(scene.copies.isEmpty)
        }
    }

    @Test("does not become another station: a backup of that is not taken")
    func otherStation() async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            try scene.damage(scene.data.storePath)
            let own = try #require(StationSecrets.make())
            let text = String(decoding: SecretsFile.text(of: own), as: UTF8.self)
            try SecretsFile(path: scene.data.secretsPath).replace(by: Secret(text))
            let station = try await scene.open()
            #expect(station.names.isEmpty)
            #expect(station.secrets.stationID == own.stationID)
            #expect(scene.log.lines("a backup is no good").count == 2)
            try station.database.close()
        }
    }

    @Test("again and again keeps the last two damaged ones, not more")
    func bounded() async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            try await Self.damageAndOpen(scene, times: 4)
            #expect(scene.copies.count == StationRescue.keptCopies)
            #expect(try scene.names(in: scene.data.directory).count { $0.contains(".damaged-") } == 2)
        }
    }

    private static func damageAndOpen(_ scene: HealingScene, times: Int) async throws {
        for _ in 0..<times {
            scene.clock.advance(by: .seconds(60))
            try scene.damage(scene.data.storePath)
            let station = try await scene.open()
            #expect(station.names == ["first", "second"])
            try station.database.close()
        }
    }

    @Test("and too full a disk gives up what can be spared, never the newest good backup", arguments: [false, true])
    func room(isNewestDamaged: Bool) async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            if isNewestDamaged { try scene.damageNewestBackup() }
            try scene.damage(scene.data.storePath)
            try await scene.open().database.close()
            let rescue = StationRescue(setup: scene.setup, clock: scene.clock, logger: scene.log.logger)
            // First of all the room that was kept for that.
            #expect(Ballast(directory: scene.data.directory).take())
            #expect(rescue.makeRoom())
            #expect(try !scene.names(in: scene.data.directory).contains("ballast"))
            #expect(!scene.copies.isEmpty)
            #expect(rescue.makeRoom())
            #expect(scene.copies.isEmpty)
            #expect(scene.shelf.entries().map(\.number) == [isNewestDamaged ? 1 : 2])
            #expect(!rescue.makeRoom())
        }
    }

    @Test("that shows only when it is loaded gets each backup at most once, and then a new store")
    func replacing() async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            var rescue = StationRescue(setup: scene.setup, clock: scene.clock, logger: scene.log.logger)
            _ = try rescue.secrets()
            #expect(try await Self.replaceAll(&rescue, scene) == [2, 1, 0])
        }
    }

    /// How many devices there are in each store that takes the place of the one before.
    private static func replaceAll(_ rescue: inout StationRescue, _ scene: HealingScene) async throws -> [Int] {
        var found: [Int] = []
        while rescue.canReplace, found.count < 10 {
            scene.clock.advance(by: .seconds(60))
            let database = try rescue.replaceStore(because: "it cannot be loaded")
            found.append(try await database.inspect().deviceCount)
            rescue.close(database)
        }
        return found
    }
}
