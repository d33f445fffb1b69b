import Foundation
import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Removing devices")
struct DeviceRemovalTests {
    @Test("A removed device is gone from everywhere; only a tombstone with its name is left")
    func removing() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", type: "light", externalID: "lamp-1")
            let other = try await station.addOnline("Other", type: "light")
            for device in [device, other] {
                await station.hear(.state(["brightness": 7, "on": false]), from: device)
                await station.hear(.state(["on": true]), from: device)
            }
            try await station.hub.flush(.everything)
            try await station.hub.settleJournal()
            station.clock.advance(by: .seconds(1))
            for device in [device, other] {
                // In the journal, and then in memory only, when the device is removed.
                await station.hear(.state(["brightness": 8]), from: device)
                if device.id == other.id { try await station.hub.flush(.rows) }
                await station.hear(.state(["brightness": 9, "on": false]), from: device)
            }
            try station.addParts(to: device)
            let announcements = Announcements(of: station.hub)
            try await station.hub.removeDevice(device.id)
            #expect(await announcements.next() == [.deviceDeleted(device.id)])
            #expect(station.hub.device(device.id) == nil)
            #expect(station.hub.device(named: device.externalID) == nil)
            #expect(station.hub.devices().map(\.id) == [other.id])
            await #expect(throws: StoreError.deviceNotFound(device.id.description)) {
                try await station.hub.readings(.all(of: device.id))
            }

            // What had waited for the flush goes with it too.
            try await station.hub.flush(.everything)
            let again = try await station.restarted()
            #expect(again.hub.device(device.id) == nil)
            try again.expectOnlyTombstone(of: device.id)
            var feed = EventQuery()
            #expect(try await again.hub.deviceEvents(feed).entries.allSatisfy { $0.event.deviceID == other.id })
            feed.deviceID = device.id
            #expect(try await again.hub.deviceEvents(feed).total == 0)
            // The other one has lost nothing.
            let series = try await again.hub.readings(.all(of: other.id))
            #expect(series.map(\.key) == ["brightness"])
        }
    }

    @Test("Its name is free for a new device, which has nothing of the old one")
    func reuse() async throws {
        try await TestStation.run { station in
            let old = try await station.addOnline("Old", type: "light", externalID: "lamp-1")
            await station.hear(.state(["on": true, "brightness": 5]), from: old)
            try await station.hub.removeDevice(old.id)
            let new = try await station.add("New", externalID: "lamp-1")
            #expect(new.id != old.id)
            #expect(station.hub.device(named: new.externalID) == new)
            let answers = await station.hear(.hello(type: "climate"), from: new)
            #expect(answers.map(\.outcome) == [.known])
            #expect(station.hub.device(new.id)?.type == "climate")
            #expect(station.hub.device(new.id)?.lastKnownState == [:])
            try await station.hub.removeDevice(new.id)
            let third = try await station.add("Third", externalID: "lamp-1")
            let again = try await station.restarted()
            #expect(again.hub.devices() == [third])
            #expect(await again.hear(.hello(), from: third).map(\.outcome) == [.known])
        }
    }
}

extension ReadingQuery {
    static func all(of id: DeviceID, interval: Duration? = nil) -> ReadingQuery {
        ReadingQuery(
            deviceID: id, keys: nil, from: Timestamp(milliseconds: 0), to: .latest, interval: interval
        )
    }
}

extension TestStation {
    /// What later versions hang on a device.
    fileprivate func addParts(to device: Device) throws {
        try self.execute(
            """
            INSERT INTO sensors (id, device_id, key, name, value_type, created_at, updated_at)
            VALUES ('s', '\(device.id)', 'custom', 'C', 'number', 0, 0);
            INSERT INTO thresholds (id, sensor_id, type, value, created_at) VALUES ('t', 's', 'max', 5, 0);
            INSERT INTO actuators (id, device_id, key, name, value_type, created_at, updated_at)
            VALUES ('a', '\(device.id)', 'custom', 'C', 'boolean', 0, 0);
            INSERT INTO firmwares (id, device_type, version, file, size, sha256, created_at)
            VALUES ('f', 'light', '1', 'f.bin', 1, '\(String(repeating: "0", count: 64))', 0);
            INSERT INTO ota_logs (id, device_id, firmware_id, status, created_at, updated_at)
            VALUES ('o', '\(device.id)', 'f', 'done', 0, 0);
            """
        )
    }

    func expectOnlyTombstone(of id: DeviceID) throws {
        let columns = try self.sql { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT m.name AS tbl, c.name AS col FROM sqlite_master m JOIN pragma_table_info(m.name) c
                    WHERE m.type = 'table' AND c.type = 'TEXT'
                    """
            ).map { ($0["tbl"] as String, $0["col"] as String) }
        }
        #expect(columns.count > 50)
        for (table, column) in columns {
            let found = try self.count(table, where: "\(column) = '\(id)'")
            let isName = table == "devices" && (column == "id" || column == "external_id")
            #expect(found == 0 || isName, "\(table).\(column)")
        }
        for table in ["reading_journal", "reading_points"] {
            #expect(try self.count(table, where: "series_id NOT IN (SELECT id FROM reading_series)") == 0)
        }
        let tombstone = try self.sql { try Row.fetchOne($0, sql: "SELECT * FROM devices WHERE id = '\(id)'") }
        #expect(tombstone?["status"] as String? == "revoked")
        #expect(tombstone?["status_reason"] as String? == "revoked")
        #expect(tombstone?["token_hash"] as Data? == nil)
        #expect(tombstone?["last_known_state"] as String? == "{}")
        for (table, parent) in [("sensors", "devices"), ("thresholds", "sensors"), ("actuators", "devices")] {
            let column = parent.dropLast()
            #expect(try self.count(table, where: "\(column)_id NOT IN (SELECT id FROM \(parent))") == 0, "\(table)")
        }
        #expect(try self.count("thresholds", where: "id = 't'") == 0)
        #expect(try self.count("ota_logs") == 0)
    }
}
