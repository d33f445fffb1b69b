import Foundation
import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("A station that starts with damaged secrets")
struct SecretsRescueTests {
    /// A station that was backed up twice, with secrets that are no good any more.
    private static func run(_ body: (HealingScene, _ before: StationSecrets) async throws -> Void) async throws {
        try await HealingScene.run { scene in
            try await scene.prepare()
            let secrets = try #require(try SecretsFile(path: scene.data.secretsPath).load())
            try Data("{\"stationId\":".utf8).write(to: URL(filePath: scene.data.secretsPath))
            try await body(scene, secrets)
        }
    }

    @Test("gets those of the newest good backup, keeps its store, and says so")
    func fromBackup() async throws {
        try await Self.run { scene, before in
            try scene.damageNewestBackup()
            let station = try await scene.open()
            #expect(station.secrets == before)
            #expect(station.names == ["first", "second", "third"])
            let words = "the secrets were damaged and those of the backup of 2026-11-22"
            #expect(station.recovery?.contains(words) == true)
            #expect(scene.log.lines("the secrets are damaged").map(\.level) == [.critical])
            let copy = try #require(StationRescue.copies(of: scene.data.secretsPath).first)
            #expect(try scene.bytes(copy) == Data("{\"stationId\":".utf8))
            #expect(try scene.mode(scene.data.secretsPath) == 0o600)
            try station.database.close()
        }
    }

    @Test("gets new ones when no backup has any, under the id that its devices know")
    func withoutBackup() async throws {
        try await Self.run { scene, before in
            try FileManager.default.removeItem(atPath: scene.data.backupsPath)
            let station = try await scene.open()
            #expect(station.secrets.stationID == before.stationID)
            #expect(station.secrets.jwtSecret != before.jwtSecret)
            #expect(station.names == ["first", "second", "third"])
            #expect(station.recovery?.contains("new ones were made; people must sign in again") == true)
            try station.database.close()
            let again = try await scene.open()
            #expect(again.secrets == station.secrets)
            #expect(again.recovery == nil)
            try again.database.close()
        }
    }

    @Test("and a damaged store gets both from the same backup")
    func both() async throws {
        try await Self.run { scene, before in
            try scene.damage(scene.data.storePath)
            let station = try await scene.open()
            #expect(station.secrets == before)
            #expect(station.names == ["first", "second"])
            #expect(station.recovery?.contains("the secrets were damaged") == true)
            #expect(station.recovery?.contains("the store was damaged") == true)
            try station.database.close()
        }
    }

    @Test("A command beside the daemon mends nothing: it says what is wrong")
    func command() async throws {
        try await Self.run { scene, _ in
            #expect(throws: StorageError.self) { try scene.setup.secrets() }
            #expect(StationRescue.copies(of: scene.data.secretsPath).isEmpty)
        }
    }
}
