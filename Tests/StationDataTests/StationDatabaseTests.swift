import Foundation
import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The station's database")
struct StationDatabaseTests {
    @Test("has every table that the contract names after a first start, and every one strict about types")
    func tables() async throws {
        try await TestStation.run { station in
            let wanted: Set = [
                "station", "users", "refresh_tokens", "otp_requests", "places", "place_members", "station_members",
                "zones", "devices", "device_types", "sensors", "actuators", "thresholds", "alerts", "device_events",
                "settings", "cloud_config", "outbox", "firmwares", "ota_logs", "invitations",
            ]
            let (tables, lax, views) = try station.sql { db in
                (
                    try String.fetchSet(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'"),
                    try String.fetchAll(
                        db,
                        sql: """
                            SELECT name FROM pragma_table_list
                            WHERE type = 'table' AND schema = 'main' AND NOT strict AND name NOT LIKE 'sqlite_%'
                                AND name <> 'grdb_migrations'
                            """
                    ),
                    try String.fetchSet(db, sql: "SELECT name FROM sqlite_master WHERE type = 'view'")
                )
            }
            #expect(wanted.subtracting(tables) == [])
            #expect(lax == [])
            #expect(views.contains("readings"))
        }
    }

    @Test("is in WAL mode, syncs every commit in full, keeps foreign keys and is whole")
    func settings() async throws {
        try await TestStation.run { station in
            _ = try await station.add()
            let inspection = try await station.database.inspect()
            #expect(inspection.journalMode == "wal")
            #expect(inspection.synchronous == 2)
            #expect(inspection.foreignKeys)
            #expect(inspection.integrity == "ok")
            #expect(inspection.deviceCount == 1)
            #expect(inspection.sqliteVersion.hasPrefix("3."))
        }
    }

    @Test("keeps syncing in full after many transactions and after a reopening")
    func settingsLast() async throws {
        try await TestStation.run { station in
            for _ in 0..<20 { _ = try await station.add() }
            #expect(try await station.database.inspect().synchronous == 2)
            let again = try await station.restarted()
            #expect(try await again.database.inspect().synchronous == 2)
            #expect(try await again.database.inspect().deviceCount == 20)
        }
    }

    @Test("says what is wrong when it is damaged")
    func damage() async throws {
        try await TestStation.run { station in
            for number in 0..<200 { _ = try await station.add("Device \(number)") }
            try station.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            try station.database.close()
            let file = try FileHandle(forUpdating: URL(filePath: station.path))
            let size = try file.seekToEnd()
            for offset in stride(from: UInt64(8192), to: size, by: 4096) {
                try file.seek(toOffset: offset + 5)
                try file.write(contentsOf: [UInt8](repeating: 0xA5, count: 40))
            }
            try file.close()
            // Whether it can be looked at at all depends on the page; if it can, it must not call itself well.
            do throws(StoreError) {
                #expect(try StationDatabase.checkIntegrity(ofFileAt: station.path) != nil)
            } catch {
                guard error.diskFault == .damaged else { throw error }
            }
            do throws(StoreError) {
                let database = try StationDatabase.open(path: station.path)
                #expect(try await database.inspect().integrity != "ok")
            } catch {
                guard error.diskFault == .damaged else { throw error }
            }
        }
    }

    @Test("of a newer agent is refused, and left as it is")
    func newer() async throws {
        try await TestStation.run { station in
            try station.database.close()
            try station.execute("INSERT INTO grdb_migrations VALUES ('9999-flying-cars')")
            let error = #expect(throws: StoreError.self) { try StationDatabase.open(path: station.path) }
            guard case .newerSchema(let message)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(message.contains("newer station-agent") && message.contains("restore a backup"))
            #expect(try station.count("grdb_migrations", where: "identifier = '9999-flying-cars'") == 1)
        }
    }

    @Test("is not anything else: the error names the file and what is wrong with it")
    func notADatabase() async throws {
        try await TemporaryDirectory.run { directory in
            let text = directory.path("letter.sqlite")
            try Data(String(repeating: "Dear station, ", count: 1000).utf8).write(to: URL(filePath: text))
            for (path, words) in [(text, "not a database"), (directory.path("none/station.sqlite"), "unable to open")] {
                let error = #expect(throws: StoreError.self) { try StationDatabase.open(path: path) }
                let detail = "\(error.map(\.description) ?? "")"
                #expect(detail.contains(path) && detail.contains(words), "\(detail)")
                #expect((error?.diskFault == .damaged) == (path == text))
            }
            #expect(try Data(contentsOf: URL(filePath: text)).count == 14_000)
        }
    }

    @Test("lives in memory as well, for tests")
    func inMemory() async throws {
        let hub = try await StationHub.open(database: .inMemory(), clock: ManualClock())
        let device = try await hub.addDevice(NewDevice(name: "Lamp", type: "light")).device
        #expect(hub.device(device.id) == device)
        await hub.lookRound()
        #expect(hub.isStoreUsable)
    }

    @Test("guards its rules itself, whoever writes into it")
    func constraints() async throws {
        try await TestStation.run { station in
            let device = try await station.add(externalID: "lamp-1")
            let place = device.placeID
            let refused = [
                "INSERT INTO places (id, name, is_default, created_at, updated_at) VALUES ('x', 'Two', 1, 0, 0)",
                "INSERT INTO zones (id, place_id, name, created_at, updated_at) VALUES ('z', 'nowhere', 'Hall', 0, 0)",
                "UPDATE devices SET status = 'asleep'",
                "UPDATE devices SET name = ''",
                "UPDATE devices SET last_known_state = '{'",
                "UPDATE devices SET created_at = 'yesterday'",
                """
                INSERT INTO devices (id, external_id, name, place_id, status, created_at, updated_at)
                VALUES ('other', 'lamp-1', 'Other', '\(place)', 'offline', 0, 0)
                """,
                "INSERT INTO device_events VALUES ('e', 'nobody', 'handshake', '{}', 0)",
                "INSERT INTO users (id, email, role, created_at, updated_at) VALUES ('u', 'a@b', 'king', 0, 0)",
            ]
            for statement in refused {
                #expect(throws: DatabaseError.self, "\(statement)") { try station.execute(statement) }
            }
            #expect(throws: Never.self) {
                try station.execute(
                    "INSERT INTO users (id, email, role, created_at, updated_at) VALUES ('u', 'a@b', 'owner', 0, 0)"
                )
            }
            for (id, email, role) in [("v", "A@B", "member"), ("w", "c@d", "owner")] {
                #expect(throws: DatabaseError.self) {
                    try station.execute(
                        "INSERT INTO users (id, email, role, created_at, updated_at) VALUES ('\(id)', '\(email)', '\(role)', 0, 0)"
                    )
                }
            }
        }
    }

    @Test("finds ranges of time by an index, not by reading everything")
    func indices() async throws {
        try await TestStation.run { station in
            let queries = [
                "SELECT value FROM reading_points WHERE batch = 1 AND series_id = 1 AND time >= 1 AND time < 2",
                "SELECT id FROM device_events WHERE id >= 'a' AND id < 'b' ORDER BY id DESC",
                "SELECT id FROM device_events WHERE device_id = 'd' AND id >= 'a' ORDER BY id DESC",
                "SELECT id FROM devices WHERE external_id = 'x' AND status <> 'revoked'",
                "SELECT id FROM devices WHERE token_hash = x'00'",
            ]
            for query in queries {
                let plan = try station.sql { db in
                    try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(query)").map { $0["detail"] as String }
                }
                #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(query): \(plan)")
            }
        }
    }
}
