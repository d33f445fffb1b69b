import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("The daemon mends its station")
struct HealingTests {
    /// Puts a backup where the automatic ones are.
    private static func save(_ agent: AgentProcess, number: Int) async throws -> String {
        let directory = agent.directory.path("data/backups")
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = "\(directory)/station-00000\(number)-2026112\(number)T083000Z.backup"
        try await agent.successfully("backup", path)
        return path
    }

    private static func damage(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let size = try file.seekToEnd()
        for offset in stride(from: UInt64(8192), to: size, by: 4096) {
            try file.seek(toOffset: offset + 5)
            try file.write(contentsOf: [UInt8](repeating: 0xA5, count: 40))
        }
        try file.close()
    }

    /// Starts the daemon and waits until health tells what was mended.
    private static func startMended(_ agent: AgentProcess, _ words: String) async throws {
        try await agent.launch()
        try await eventually("health says: \(words)") {
            try #require(agent.isRunning, "the daemon has ended: \(agent.log)")
            guard LoopbackPort.accepts(agent.port) else { return false }
            let health = try await agent.health()
            #expect(health.status == 200)
            return health.checks?["store", "detail"]?.stringValue?.contains(words) == true
        }
        #expect(try await agent.health().checks?["store", "status"] == "degraded")
    }

    private static func check(_ name: String, _ agent: AgentProcess) async throws -> JSONValue? {
        let report = try JSONValue.parse(try await agent.command(["doctor", "--json"]).output)
        return report["checks"]?.arrayValue?.first { $0["name"]?.stringValue == name }
    }

    @Test("of which the store is damaged: by the newest good backup, loudly, also after the next start")
    func store() async throws {
        try await AgentProcess.run { agent in
            try await agent.addDevice("first")
            _ = try await Self.save(agent, number: 1)
            try await agent.addDevice("second")
            let newest = try await Self.save(agent, number: 2)
            try await agent.addDevice("third")
            #expect(try await agent.stop() == 0)
            let store = agent.directory.path("data/station.sqlite")
            try Self.damage(store)
            try Self.damage(newest)

            let words = "has taken its place"
            try await Self.startMended(agent, words)
            #expect(Array(try await agent.devices().keys) == ["first"])
            #expect(agent.log.contains("CRITICAL"))
            #expect(agent.log.contains("the station was mended"))
            #expect(agent.log.contains("a backup is no good"))
            let damage = try #require(try await Self.check("damage", agent))
            #expect(damage["status"] == "warning")
            #expect(damage["detail"]?.stringValue?.contains("station.sqlite.damaged-") == true)
            #expect(damage["remedy"]?.stringValue?.contains("sudo rm \(store).damaged-") == true)
            #expect(try await Self.check("store", agent)?["status"] == "ok")

            #expect(try await agent.stop() == 0)
            try await Self.startMended(agent, words)
            #expect(Array(try await agent.devices().keys) == ["first"])
        }
    }

    @Test("of which the store is damaged and there is no backup: it begins afresh rather than not at all")
    func fresh() async throws {
        try await AgentProcess.run { agent in
            try await agent.addDevice("first")
            #expect(try await agent.stop() == 0)
            try Self.damage(agent.directory.path("data/station.sqlite"))
            let refused = try await agent.command(["device", "list"])
            #expect(refused.code == 74)
            #expect(refused.errors.contains("The store is damaged: "))
            #expect(refused.errors.contains("When station-agent starts, it restores the newest good backup"))
            try await Self.startMended(agent, "there is no good backup: the station begins afresh")
            #expect(try await agent.store.number("SELECT count(*) FROM devices") == 0)
            #expect(try await agent.store.run("PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test("of which the secrets are damaged: by those of the newest good backup")
    func secrets() async throws {
        try await AgentProcess.run { agent in
            try await agent.addDevice("first")
            _ = try await Self.save(agent, number: 1)
            #expect(try await agent.stop() == 0)
            let path = agent.directory.path("data/secrets.json")
            let before = try String(contentsOfFile: path, encoding: .utf8)
            try Data("{".utf8).write(to: URL(filePath: path))
            try await Self.startMended(agent, "the secrets were damaged and those of the backup of ")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
            // Who was signed in still is.
            #expect(Array(try await agent.devices().keys) == ["first"])
        }
    }

    @Test("The figures of the card, the store and the backups are in /metrics")
    func figures() async throws {
        try await AgentProcess.run { agent in
            _ = try await Self.save(agent, number: 1)
            let metrics = try await agent.metrics()
            let positive = [
                "station_disk_free_bytes", "station_disk_size_bytes", "station_store_size_bytes",
                "station_backup_size_bytes",
                #"station_store_commits_total{kind="durable"}"#,
            ]
            #expect(positive.filter { metrics[$0] ?? 0 <= 0 } == [])
            #expect(metrics["station_backup_files"] == 1)
            #expect(metrics["station_telemetry_paused"] == 0)
            #expect(metrics["station_store_log_bytes"] != nil)
            // Of a directory in memory it stays 0.
            #expect(metrics["station_disk_written_bytes_total"] != nil)
        }
    }
}
