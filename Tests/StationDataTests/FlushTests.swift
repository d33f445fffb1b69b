import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Writing in groups")
struct FlushTests {
    @Test(
        "What could not be written is kept, shown, and written once when the store works again",
        arguments: Breakage.allCases)
    func recovery(breakage: Breakage) async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline(type: "climate")
            await station.lookRound()
            try station.breakStore(breakage)
            for number in 0..<10 {
                station.clock.advance(by: .milliseconds(10))
                await station.hear(.state(["temperature": .integer(Int64(number))]), from: device)
                await station.hear(.event(.deviceEvent, data: ["n": .integer(Int64(number))]), from: device)
            }
            for _ in 0..<3 {
                await #expect(throws: StoreError.self) { try await station.hub.flush(.reports) }
                #expect(station.hub.pendingRowCount == 20)
            }
            await station.live(for: .seconds(12))
            #expect(station.hub.pendingRowCount == 20)
            #expect(station.health[.store]?.status == .failed)
            #expect(station.hub.device(device.id)?.lastKnownState == ["temperature": 9])

            try station.repairStore(breakage)
            #expect(
                try await station.hub.readings(.all(of: device.id)).first?.points.raw?.map(\.value)
                    == (0..<10).map(Double.init)
            )
            await station.live(for: .seconds(6))
            #expect(station.hub.pendingRowCount == 0)
            #expect(station.hub.isStoreUsable)
            #expect(try station.count("reading_journal") == 10)
            #expect(try station.count("device_events", where: "event_type = 'device_event'") == 10)
            let order = try await station.hub.deviceEvents(EventQuery()).entries.filter {
                $0.event.type == .deviceEvent
            }
            #expect(order.map { $0.event.payload["n"]?.doubleValue } == (0..<10).reversed().map { Double($0) })
            let again = try await station.restarted(flushing: false)
            #expect(again.hub.device(device.id)?.lastKnownState == ["temperature": 9])
            #expect(again.metric("station_rows_dropped_total") == 0)
        }
    }

    @Test("What waits is bounded: the oldest readings and events go, counted")
    func bounds() async throws {
        var settings = HubSettings()
        settings.deviceRate = TokenBucket.Limit(perSecond: 1e9, burst: 1e9)
        try await TestStation.run(settings: settings) { station in
            let device = try await station.addOnline()
            try station.breakStore(.unwritable)
            try station.execute(
                "CREATE TRIGGER full BEFORE INSERT ON reading_series BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
            let keys = 100
            for round in 0..<1010 {
                station.clock.advance(by: .milliseconds(1))
                await station.hear(.state(.numbered(0..<keys, value: Int64(round))), from: device)
                if round == 500 { await #expect(throws: StoreError.self) { try await station.hub.flush(.rows) } }
            }
            #expect(station.hub.pendingRowCount == 100_000)
            #expect(station.metric("station_rows_dropped_total") == 1000)
            await station.hub.hear((0..<10_500).map { .from(device, .event(.deviceEvent, data: ["n": .integer($0)])) })
            #expect(station.hub.pendingRowCount == 110_000)
            #expect(station.metric("station_rows_dropped_total") == 1500)
            await #expect(throws: StoreError.self) { try await station.hub.flush(.rows) }
            #expect(station.hub.pendingRowCount == 110_000)

            try station.repairStore(.unwritable)
            try station.execute("DROP TRIGGER full")
            try await station.hub.flush(.everything)
            #expect(station.hub.pendingRowCount == 0)
            #expect(try station.count("reading_journal") == 100_000)
            #expect(try station.sql { try Double.fetchOne($0, sql: "SELECT min(value) FROM reading_journal") } == 10)
            let least = try station.sql { db in
                try Int.fetchOne(
                    db, sql: "SELECT min(payload ->> 'n') FROM device_events WHERE event_type = 'device_event'"
                )
            }
            #expect(least == 500)
        }
    }

    @Test("One transaction writes everything that waits, however many devices it comes from")
    func oneTransaction() async throws {
        try await TestStation.run { station in
            let devices = try await station.hub.addDevices((0..<50).map { NewDevice(name: "Device \($0)") }).map(
                \.device)
            await station.hub.hear(devices.map { .from($0, .heartbeat) })
            try await station.hub.flush(.everything)
            let before = try WriteAheadLog(of: station.path).commits
            for device in devices {
                await station.hear(.state(["a": 1, "b": 2]), from: device)
                await station.hear(.event(.userEvent, data: [:]), from: device)
            }
            #expect(try WriteAheadLog(of: station.path).commits == before)
            try await station.hub.flush(.reports)
            #expect(try WriteAheadLog(of: station.path).commits == before + 1)
            try await station.hub.flush(.reports)
            #expect(try WriteAheadLog(of: station.path).commits == before + 1)
            #expect(try station.count("reading_journal") == 100)
            #expect(try station.count("devices", where: "last_known_state LIKE '%\"b\":2%'") == 50)
        }
    }

    @Test("Reports that come while a flush is under way are neither lost nor written twice")
    func concurrency() async throws {
        var settings = HubSettings()
        settings.deviceRate = TokenBucket.Limit(perSecond: 1e9, burst: 1e9)
        try await TestStation.run(settings: settings) { station in
            let device = try await station.addOnline()
            let hub = station.hub
            let clock = station.clock
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for number in 0..<3000 {
                        clock.advance(by: .milliseconds(1))
                        await hub.hear([.from(device, .state(["n": .integer(Int64(number))]))])
                    }
                }
                group.addTask {
                    for _ in 0..<100 { try await hub.flush(.reports) }
                }
                group.addTask {
                    for _ in 0..<20 {
                        let counts = try await hub.readings(.all(of: device.id)).map { $0.points.raw ?? [] }
                        #expect(counts.allSatisfy { points in Set(points).count == points.count })
                        let values = counts.flatMap { $0.map(\.value) }
                        // A prefix of what was said, in its order: nothing is missing in the middle.
                        #expect(values == (0..<values.count).map(Double.init))
                    }
                }
                try await group.waitForAll()
            }
            try await hub.flush(.everything)
            #expect(
                try station.sql { try Double.fetchAll($0, sql: "SELECT value FROM reading_journal ORDER BY id") }
                    == (0..<3000).map(Double.init)
            )
            #expect(hub.device(device.id)?.lastKnownState == ["n": 2999])
        }
    }

    @Test("A report costs few bytes on the card: one a second at most 8 KiB, a thousand a second at most 1 KiB")
    func bytes() async throws {
        try await TestStation.run { station in
            let devices = try await station.hub.addDevices(
                (0..<1000).map { NewDevice(name: "D\($0)", type: "climate") }
            )
            .map(\.device)
            await station.hub.hear(devices.map { .from($0, .heartbeat) })
            try await station.hub.flush(.everything)
            func cost(of reports: Int, _ body: () async throws -> Void) async throws -> Int {
                try station.sql { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
                try await body()
                return try WriteAheadLog(of: station.path).bytes / reports
            }
            func climate(_ number: Int) -> DeviceReport.Content {
                .state([
                    "temperature": .number(Double(number % 100) / 4), "humidity": .integer(Int64(number % 100)),
                    "pressure": .number(1000.5),
                ])
            }
            let slow = try await cost(of: 30) {
                for second in 0..<30 {
                    await station.hear(climate(second), from: devices[0])
                    await station.live(for: .seconds(1))
                }
                try await station.hub.flush(.reports)
            }
            #expect(slow <= 8192, "\(slow) bytes a report")
            let fast = try await cost(of: 5000) {
                for second in 0..<5 {
                    await station.hub.hear(devices.map { .from($0, climate(second)) })
                    station.clock.advance(by: .seconds(1))
                }
                try await station.hub.flush(.reports)
            }
            #expect(fast <= 1024, "\(fast) bytes a report")
        }
    }
}
