import Foundation
import StationTestSupport
import Testing

@Suite("backup and restore")
struct BackupCommandTests {
    private static func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
    }

    private static func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    /// A store as it can be compared: who, with what, since when.
    private static func content(_ store: SQLiteShell) async throws -> [String] {
        try await store.run(
            """
            SELECT id FROM station; SELECT id, external_id, name, hex(token_hash) FROM devices ORDER BY id;
            SELECT * FROM users ORDER BY id; SELECT count(*), sum(value) FROM readings; PRAGMA integrity_check
            """
        )
    }

    @Test("under load: what is restored elsewhere is the same station, with the same devices, users and readings")
    func elsewhere() async throws {
        let setup = AgentProcess.Setup(environment: ["TELEMETRY_FLUSH_INTERVAL": "100ms"])
        try await AgentProcess.run(setup) { agent in
            try await agent.addDevice("lamp", type: "light")
            try await agent.store.run(
                """
                INSERT INTO users (id, email, role, created_at, updated_at)
                VALUES ('0190a3c2-0000-7000-8000-000000000001', 'ada@example.org', 'member', 1, 2)
                """
            )
            let simulator = try await agent.startCommand([
                "simulate", "--register", "--type", "climate", "--count", "20", "--rate", "500",
            ])
            defer { simulator.signal(SIGKILL) }
            let file = agent.directory.path("station.backup")
            try await eventually("there are readings") {
                try await agent.store.number("SELECT count(*) FROM readings") > 500
            }
            let said = try await agent.successfully("backup", file)
            #expect(said.hasPrefix("Saved the station "))
            #expect(try Self.mode(file) == 0o600)
            #expect(try Self.names(agent.directory.path()).filter { $0.hasPrefix("station.backup") }.count == 1)
            #expect(agent.isRunning)
            #expect(try await agent.health().word == "ok")

            let other = agent.directory.path("other")
            let outcome = try await agent.command(["restore", file], environment: ["DATA_DIR": other])
            #expect(outcome.code == 0, "\(outcome)")
            #expect(outcome.output.hasPrefix("Restored the station "))
            #expect(try Self.names(other) == ["secrets.json", "station-agent.lock", "station.sqlite"])
            for name in ["secrets.json", "station.sqlite"] { #expect(try Self.mode("\(other)/\(name)") == 0o600) }
            let secrets = try ["\(other)/secrets.json", agent.directory.path("data/secrets.json")].map { path in
                try String(contentsOfFile: path, encoding: .utf8)
            }
            #expect(secrets[0] == secrets[1])
            let restored = SQLiteShell(database: "\(other)/station.sqlite", directory: agent.directory)
            let content = try await Self.content(restored)
            #expect(content.contains { $0.contains("ada@example.org") })
            // The station, 21 devices, two users, the sum of the readings, the check.
            #expect(content.count == 26)
            let backup = SQLiteShell(database: file, directory: agent.directory)
            let saved = try await Self.content(backup)
            #expect(content == saved)
            #expect(try await restored.number("SELECT count(*) FROM readings") > 500)
            #expect(try await restored.run("SELECT name FROM sqlite_master WHERE name = 'station_backup'").isEmpty)

            let devices = try await restored.run("SELECT external_id FROM devices ORDER BY external_id")
            try await agent.stop()
            try await agent.start(environment: ["DATA_DIR": other])
            #expect(try await agent.devices().keys.sorted() == devices)
        }
    }

    @Test("restore waits for no daemon and overwrites no station unasked; what it sets aside is whole")
    func force() async throws {
        try await AgentProcess.run { agent in
            try await agent.addDevice("first")
            let file = agent.directory.path("station.backup")
            try await agent.successfully("backup", file)
            try await agent.addDevice("second")

            let running = try await agent.command(["restore", file, "--force"])
            #expect(running.code == 75)
            #expect(running.errors.contains("is in use: another station-agent (pid "))
            // Killed, it leaves a log behind that belongs to the old store.
            await agent.kill9()
            #expect(FileManager.default.fileExists(atPath: agent.directory.path("data/station.sqlite-wal")))
            let unasked = try await agent.command(["restore", file])
            #expect(unasked.code == 74)
            #expect(unasked.errors.contains("station.sqlite is there already"))
            #expect(unasked.errors.contains("With --force it is set aside"))
            #expect(try await agent.store.run("SELECT name FROM devices ORDER BY name") == ["first", "second"])

            let forced = try await agent.command(["restore", file, "--force"])
            #expect(forced.code == 0, "\(forced)")
            #expect(forced.output.contains("What was there is still in "))
            let names = try Self.names(agent.directory.path("data"))
            let kept = try #require(
                names.first { $0.hasPrefix("station.sqlite.before-restore-") && !$0.hasSuffix("-wal") })
            #expect(names.contains { $0.hasPrefix("secrets.json.before-restore-") })
            #expect(!names.contains { $0.contains("restoring") || $0 == "restore.json" || $0 == "station.sqlite-wal" })
            #expect(try await agent.store.run("SELECT name FROM devices") == ["first"])
            let old = SQLiteShell(database: agent.directory.path("data/\(kept)"), directory: agent.directory)
            #expect(try await old.run("SELECT name FROM devices ORDER BY name") == ["first", "second"])
            try await agent.start()
            #expect(Array(try await agent.devices().keys) == ["first"])
        }
    }

    @Test("a backup goes nowhere where something is, through no link, and leaves nothing behind when it fails")
    func targets() async throws {
        try await AgentProcess.run { agent in
            let directory = agent.directory.path("targets")
            try FileManager.default.createDirectory(atPath: "\(directory)/sub", withIntermediateDirectories: true)
            try Data("precious".utf8).write(to: URL(filePath: "\(directory)/file"))
            for (name, target) in [("link", "file"), ("dangling", "absent")] {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(directory)/\(name)", withDestinationPath: "\(directory)/\(target)")
            }
            let before = try Self.names(directory)
            for (name, words) in [
                ("file", "is there already"), ("link", "is there already"), ("dangling", "is there already"),
                ("sub", "is there already"), ("none/file", "No such file or directory"),
                ("file/file", "Not a directory"),
            ] {
                let outcome = try await agent.command(["backup", "\(directory)/\(name)"])
                #expect(outcome.code == 74, "\(name): \(outcome)")
                #expect(outcome.errors.contains("\(directory)/\(name) "))
                #expect(outcome.errors.contains(words), "\(outcome)")
            }
            let usage = try await agent.command(["backup"])
            #expect(usage.code == 64)
            #expect(usage.errors.contains("<file>"))

            // A file may have 80 KiB: as a full disk does, it stops the copy in the middle.
            let full = try await ChildProcess(
                "/bin/sh",
                [
                    "-c", #"trap "" XFSZ; ulimit -f 160; exec "$@""#, "sh", AgentProgram.path, "backup",
                    "\(directory)/full",
                ],
                environment: AgentProgram.environment.merging(agent.environment) { $1 },
                output: agent.directory.url.appending(path: "full.log"))
            try await eventually("the backup ends") { full.exitCode != nil }
            #expect(full.exitCode == 74)
            #expect(full.output.contains("\(directory)/full cannot be written: "), "\(full.output)")
            #expect(try Self.names(directory) == before)
            #expect(try String(contentsOfFile: "\(directory)/file", encoding: .utf8) == "precious")
            #expect(try await agent.health().word == "ok")
        }
    }

    @Test("where there is no station, none is made: neither backed up nor by a backup that is no good")
    func noStation() async throws {
        try await AgentProcess.run { agent in
            let empty = agent.directory.path("empty")
            let nothing = try await agent.command(
                ["backup", agent.directory.path("nothing")], environment: ["DATA_DIR": empty])
            #expect(nothing.code == 74)
            #expect(nothing.errors.contains("there is no station to back up"))
            #expect(!FileManager.default.fileExists(atPath: empty))
            #expect(!FileManager.default.fileExists(atPath: agent.directory.path("nothing")))

            let file = agent.directory.path("station.backup")
            try await agent.successfully("backup", file)
            let whole = try Data(contentsOf: URL(filePath: file))
            let newer = SQLiteShell(database: agent.directory.path("newer"), directory: agent.directory)
            try whole.write(to: URL(filePath: newer.database))
            try await newer.run("INSERT INTO grdb_migrations VALUES ('9999-from-the-future')")
            let noSecrets = SQLiteShell(database: agent.directory.path("noSecrets"), directory: agent.directory)
            try whole.write(to: URL(filePath: noSecrets.database))
            try await noSecrets.run("UPDATE station_backup SET secrets = '{}'")
            try whole.prefix(whole.count / 2).write(to: agent.directory.url.appending(path: "half"))
            for (name, words) in [
                ("absent", "No such file or directory"), ("data", "is no file"), ("half", "is damaged"),
                ("data/secrets.json", "is no backup of a station"), ("newer", "was made by a newer station-agent"),
                ("noSecrets", "secrets that are no good"),
            ] {
                let path = agent.directory.path(name)
                let outcome = try await agent.command(["restore", path], environment: ["DATA_DIR": empty])
                #expect(outcome.code == 74, "\(name): \(outcome)")
                #expect(outcome.errors.contains(words), "\(outcome)")
                #expect(outcome.errors.contains(path), "\(outcome)")
                #expect(try Self.names(empty) == ["station-agent.lock"])
            }
        }
    }
}
