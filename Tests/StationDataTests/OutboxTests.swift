import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The outbox")
struct OutboxTests {
    private static func methods(_ station: TestStation) async throws -> [String] {
        try await station.hub.outboxRows(after: 0, limit: 100_000).map(\.method)
    }

    @Test("is empty as long as nobody has claimed the station, and after it is unclaimed")
    func unclaimed() async throws {
        try await TestStation.run { station in
            _ = try await station.addOnline()
            #expect(station.hub.outboxDepth == 0)
            #expect(try station.count("outbox") == 0)
            try await station.hub.claim(with: Secret("token"))
            _ = try await station.addOnline()
            #expect(station.hub.outboxDepth == 2)
            try await station.hub.acknowledgeOutbox(
                try await station.hub.outboxRows(after: 0, limit: 1).map(\.eventID))
            #expect(station.hub.cloudAcknowledges)
            try await station.hub.unclaim()
            #expect(station.hub.outboxDepth == 0)
            #expect(!station.hub.cloudAcknowledges)
            #expect(try station.count("outbox") == 0)
            _ = try await station.addOnline()
            #expect(try station.count("outbox") == 0)
        }
    }

    @Test("has devices, statuses and alerts in the order of their commits, with the fields of the contract")
    func facts() async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            let watched = try await station.addWatched()
            await station.hear(35, from: watched)
            await station.hear(20, from: watched)
            try await station.hub.removeDevice(watched.device.id)
            let rows = try await station.hub.outboxRows(after: 0, limit: 100)
            #expect(
                rows.map(\.method)
                    == ["device.created", "device.statusChanged", "alert.opened", "alert.resolved", "device.deleted"]
            )
            #expect(
                rows.map(\.kind)
                    == [
                        .notification(.device), .notification(.status), .notification(.alert), .notification(.alert),
                        .notification(.device),
                    ]
            )
            #expect(rows.map(\.id) == rows.map(\.id).sorted())
            for row in rows {
                #expect(row.params["eventId"] == .string(row.eventID))
                #expect(row.params["deviceId"] == .string("\(watched.device.id)"))
                #expect(row.params["timestamp"] == JSONValue(station.clock.wallTime))
            }
            #expect(Set(rows.map(\.eventID)).count == rows.count)
            try #require(rows.count == 5)
            #expect(rows[0].params["device"]?["name"] == "Thermometer")
            #expect(rows[0].params["device"]?["lastKnownState"] == nil)
            #expect(rows[1].params["status"] == "online")
            #expect(rows[2].params["key"] == "temperature" && rows[2].params["threshold"] == 30)
            #expect(rows[2].params["value"] == 35 && rows[3].params["value"] == 35)
            #expect(rows[2].params["alertId"] == rows[3].params["alertId"])
            #expect(station.hub.outboxDepth == 5)
        }
    }

    @Test("has nothing of a transaction that fails", arguments: Breakage.allCases)
    func failure(breakage: Breakage) async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            let device = try await station.addOnline()
            let before = try await Self.methods(station)
            try station.breakStore(breakage)
            await #expect(throws: StoreError.self) { try await station.change(device) { $0.name = "Other" } }
            await #expect(throws: StoreError.self) { try await station.add("New") }
            #expect(try await Self.methods(station) == before)
            #expect(station.hub.outboxDepth == before.count)
            try station.repairStore(breakage)
            try await station.change(device) { $0.name = "Other" }
            #expect(try await Self.methods(station) == before + ["device.updated"])
        }
    }

    @Test("has no fact for which the fact itself cannot be stored, nor the other way round")
    func bothOrNeither() async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            try station.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END")
            await #expect(throws: StoreError.self) { try await station.add("New") }
            #expect(try station.count("devices") == 0)
            #expect(station.hub.devices() == [])
        }
    }

    @Test("is told what a crash hid: devices that are offline since the start")
    func start() async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            let device = try await station.addOnline()
            let again = try await station.restarted()
            #expect(again.hub.outboxDepth == 2)
            let id = try #require(StationID("home"))
            try await again.hub.markStarted(stationID: id, name: "Home")
            let last = try #require(try await again.hub.outboxRows(after: 0, limit: 10).last)
            #expect(last.method == "device.statusChanged" && last.params["status"] == "offline")
            #expect(last.params["deviceId"] == .string("\(device.id)"))
        }
    }

    @Test("has what another process does once, whether the agent runs or not")
    func otherProcess() async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            let news = station.hub.outboxNews()
            let other = try await station.commandLine()
            let added = try await other.addDevice(NewDevice(name: "New")).device
            await station.lookRound()
            #expect(station.hub.device(added.id) != nil)
            #expect(try await Self.methods(station) == ["device.created"])
            #expect(station.hub.outboxDepth == 1)
            for await _ in news { break }
            try await other.removeDevice(added.id)
            await station.lookRound()
            #expect(try await Self.methods(station) == ["device.created", "device.deleted"])
        }
    }

    @Test("has only what the cloud wants to hear")
    func channels() async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            try await station.hub.setCloudChannels([.status, .event, .state])
            let device = try await station.addOnline()
            try await station.change(device) { $0.name = "Other" }
            #expect(try await Self.methods(station) == ["device.statusChanged"])
        }
    }

    // MARK: Emptying

    @Test("gives up what is acknowledged, and only that")
    func acknowledgement() async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            for number in 0..<5 { _ = try await station.add("Device \(number)") }
            let rows = try await station.hub.outboxRows(after: 0, limit: 10)
            try await station.hub.acknowledgeOutbox([])
            try await station.hub.acknowledgeOutbox(["unknown", "'; DROP TABLE outbox; --"])
            #expect(!station.hub.cloudAcknowledges)
            try await station.hub.acknowledgeOutbox([rows[1].eventID, rows[3].eventID, rows[3].eventID])
            #expect(try await station.hub.outboxRows(after: 0, limit: 10) == [rows[0], rows[2], rows[4]])
            #expect(station.hub.outboxDepth == 3)
            #expect(station.hub.cloudAcknowledges)
            // From now on a ping's answer is not enough, also after a restart.
            try await station.hub.settleOutbox(through: rows[4].id)
            #expect(station.hub.outboxDepth == 3)
            let again = try await station.restarted()
            #expect(again.hub.cloudAcknowledges)
            #expect(again.hub.outboxDepth == 3)
        }
    }

    @Test("gives up notifications, never requests, up to a row that a silent cloud has")
    func settling() async throws {
        try await TestStation.run { station in
            try await station.hub.askCloud("station.invite", [:])
            #expect(station.hub.outboxDepth == 0)
            try await station.hub.claim(with: Secret("token"))
            try await station.hub.askCloud("station.invite", ["email": "a@b.c"])
            for number in 0..<3 { _ = try await station.add("Device \(number)") }
            let rows = try await station.hub.outboxRows(after: 0, limit: 10)
            try #require(rows.count == 4)
            #expect(rows[0].kind == .request)
            try await station.hub.settleOutbox(through: rows[2].id)
            #expect(try await station.hub.outboxRows(after: 0, limit: 10) == [rows[0], rows[3]])
            try await station.hub.dropFromOutbox([rows[0].eventID])
            #expect(try await station.hub.outboxRows(after: 0, limit: 10) == [rows[3]])
        }
    }

    // MARK: Limits

    /// Fills the outbox by hand; every third row is a status of one of ten devices.
    private static func fill(_ station: TestStation, rows: Int, size: Int) throws {
        try station.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
            INSERT INTO outbox (event_id, kind, coalesce_key, payload, size, created_at)
            SELECT 'e' || i, CASE i % 3 WHEN 0 THEN 'status' ELSE 'alert' END,
                CASE i % 3 WHEN 0 THEN 'status/' || (i % 10) END, '{"method":"m","params":{}}', \(size), 0 FROM n
            """
        )
    }

    @Test("keeps at most 10 000 rows: superfluous statuses go first, oldest first")
    func rowLimit() async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            try Self.fill(station, rows: 10_000, size: 26)
            _ = try await station.add("One more")
            let depth = station.hub.outboxDepth
            #expect((9_800...10_000).contains(depth))
            #expect(try station.count("outbox") == depth)
            #expect(station.metric("station_outbox_dropped_total") == 10_001 - depth)
            #expect(try station.count("outbox", where: "kind = 'alert'") == 6_667)
            // The oldest statuses are gone, the newest of each device is there.
            #expect(try station.count("outbox", where: "kind = 'status' AND id <= 300") == 0)
            #expect(try station.count("outbox", where: "kind = 'status' AND id > 9970") == 10)
            #expect(try station.count("outbox", where: "kind = 'device'") == 1)
        }
    }

    @Test("keeps at most 16 MiB")
    func byteLimit() async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            try Self.fill(station, rows: 1_000, size: 20_000)
            _ = try await station.add("One more")
            let bytes = try station.sql { try Int.fetchOne($0, sql: "SELECT sum(size) FROM outbox") ?? 0 }
            #expect(bytes <= 16 << 20)
            #expect(bytes > (16 << 20) - 200_000)
            #expect(try station.count("outbox", where: "kind = 'alert'") == 667)
        }
    }

    @Test("loses the oldest of all when nothing else is left")
    func allAlike() async throws {
        try await TestStation.run { station in
            try await station.hub.claim(with: Secret("token"))
            try Self.fill(station, rows: 10_000, size: 26)
            try station.execute("UPDATE outbox SET coalesce_key = NULL")
            _ = try await station.add("One more")
            let first = try station.sql { try Int.fetchOne($0, sql: "SELECT min(id) FROM outbox") }
            #expect(first == 10_001 - station.hub.outboxDepth + 1)
            #expect(try await Self.methods(station).last == "device.created")
        }
    }
}
