import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Telemetry")
struct TelemetryTests {
    @Test("The latest of a number is its newest reading wherever it is; of a boolean what was last said")
    func latest() async throws {
        try await TestStation.run { station in
            let hub = station.hub
            let device = try await station.addOnline("Thing")
            let start = station.clock.wallTime
            func latest() async throws -> [String: TestPoint] {
                try await hub.latestReadings(of: device.id).reduce(into: [:]) {
                    $0[$1.key] = TestPoint($1.time, $1.value)
                }
            }
            #expect(try await latest().isEmpty)
            func hear(_ key: String, _ value: Double, at seconds: Int64) async {
                let time = start.adding(.seconds(seconds))
                await station.hear(.state([key: .number(value)], measuredAt: time), from: device)
            }
            func settle() async throws {
                try await hub.flush(.everything)
                try await hub.settleJournal()
            }
            func expect(_ key: String, _ value: Double, at seconds: Int64, _ what: Comment) async throws {
                #expect(try await latest()[key] == TestPoint(start.adding(.seconds(seconds)), value), what)
            }
            await hear("a", 1, at: 10)
            await hear("b", 5, at: 10)
            try await expect("a", 1, at: 10, "in memory")
            try await hub.flush(.everything)
            try await expect("a", 1, at: 10, "in the journal")
            try await settle()
            try await expect("a", 1, at: 10, "settled")
            await hear("a", 2, at: 5)
            try await expect("a", 1, at: 10, "a late one in memory")
            try await settle()
            try await expect("a", 1, at: 10, "a late one in the newest batch")
            await hear("a", 3, at: 20)
            try await hub.flush(.everything)
            await hear("a", 4, at: 15)
            try await expect("a", 3, at: 20, "a late one in memory, the newest in the journal")
            await hear("a", 5, at: 20)
            try await expect("a", 5, at: 20, "of one moment the last to arrive")
            try await settle()
            try await expect("a", 5, at: 20, "of one moment the last to arrive, settled")
            try await expect("b", 5, at: 10, "another key has its own")

            station.clock.advance(by: .seconds(60))
            await station.hear(.state(["on": true, "off": false, "text": "x"]), from: device)
            let all = try await hub.latestReadings(of: device.id)
            #expect(all.map(\.key) == ["a", "b", "off", "on"])
            #expect(all.map(\.value) == [5, 5, 0, 1])
            #expect(all[3].time == station.clock.wallTime)
            await #expect(throws: StoreError.deviceNotFound(PlaceholderID.none.description)) {
                try await hub.latestReadings(of: PlaceholderID.none)
            }
        }
    }

    private enum PlaceholderID {
        static let none = DeviceID.lowest(at: Timestamp(milliseconds: 0))
    }

    @Test("Slots lie on multiples of the interval since 1970, the first perhaps before the beginning, without gaps")
    func slots() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Thing")
            let width = Int64(60_000)
            let minute = Timestamp(milliseconds: station.clock.wallTime.milliseconds / width * width)
            await station.hear(.state(["n": 5], measuredAt: minute.adding(.seconds(7))), from: device)
            func slots(_ from: Int64, _ to: Int64) async throws -> [TelemetrySlot] {
                let (from, to) = (minute.adding(.seconds(from)), minute.adding(.seconds(to)))
                let series = try await station.hub.readings(
                    ReadingQuery(deviceID: device.id, keys: ["n"], from: from, to: to, interval: .seconds(60))
                ).first
                guard case .buckets(let buckets)? = series?.points else { return [] }
                return TelemetrySlot.filling(buckets, from: from, to: to, interval: .seconds(60))
            }
            let all = try await slots(-70, 61)
            #expect(all.map(\.time) == [-120, -60, 0, 60].map { minute.adding(.seconds($0)) })
            #expect(all.map { $0.bucket?.average } == [nil, nil, 5, nil])
            #expect(try await slots(0, 60).map { $0.bucket?.count } == [1])
            #expect(try await slots(7, 8).map(\.time) == [minute])
        }
    }
}
