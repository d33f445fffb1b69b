import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The activity feed")
struct FeedTests {
    /// Twenty events, one a second, of two devices in turn, the first at the station's usual time.
    private func fill(_ station: TestStation) async throws -> (one: Device, other: Device, start: Timestamp) {
        let one = try await station.addOnline("One", type: "light")
        let other = try await station.addOnline("Other")
        station.clock.advance(by: .seconds(100))
        let start = station.clock.wallTime
        for number in 0..<20 {
            let kind: DeviceEventKind = number < 10 ? .deviceEvent : .userEvent
            let device = number.isMultiple(of: 2) ? one : other
            await station.hear(.event(kind, data: ["n": .integer(Int64(number))]), from: device)
            station.clock.advance(by: .seconds(1))
        }
        return (one, other, start)
    }

    private func numbers(
        _ station: TestStation, _ change: (inout EventQuery) -> Void
    ) async throws -> (found: [Int], total: Int) {
        var query = EventQuery()
        change(&query)
        let (entries, total) = try await station.hub.deviceEvents(query)
        return (entries.compactMap { $0.event.payload["n"]?.doubleValue.map { Int($0) } }, total)
    }

    @Test("shows the newest first and what the filters admit, with the number of all that match")
    func filters() async throws {
        try await TestStation.run { station in
            let (one, _, start) = try await self.fill(station)
            func expect(
                _ numbers: [Int], total: Int, sourceLocation: SourceLocation = #_sourceLocation,
                _ change: (inout EventQuery) -> Void
            ) async throws {
                let answer = try await self.numbers(station, change)
                #expect(answer.found == numbers, sourceLocation: sourceLocation)
                #expect(answer.total == total, sourceLocation: sourceLocation)
            }
            try await expect((0..<20).reversed(), total: 22) { _ in }
            try await expect(stride(from: 18, through: 0, by: -2).map { $0 }, total: 11) { $0.deviceID = one.id }
            try await expect((0..<10).reversed(), total: 10) { $0.type = .deviceEvent }
            try await expect([8, 6, 4, 2, 0], total: 5) {
                $0.type = .deviceEvent
                $0.deviceID = one.id
            }
            try await expect([], total: 2) { $0.type = .statusChanged }
            try await expect([], total: 0) { $0.type = .ota }
            // Half open: the first moment belongs to it, the last does not.
            try await expect([7, 6, 5], total: 3) {
                $0.from = start.adding(.seconds(5))
                $0.to = start.adding(.seconds(8))
            }
            try await expect([19], total: 1) { $0.from = start.adding(.seconds(19)) }
            try await expect([0], total: 3) { $0.to = start.adding(.milliseconds(1)) }
            try await expect([], total: 0) {
                $0.from = start
                $0.to = start
            }
            try await expect([], total: 0) { $0.deviceID = .make(at: start) }
        }
    }

    @Test("is read in pages that neither overlap nor leave out, while the total stays")
    func pages() async throws {
        try await TestStation.run { station in
            _ = try await self.fill(station)
            var all: [Int] = []
            for page in 0..<4 {
                let answer = try await self.numbers(station) {
                    $0.offset = page * 7
                    $0.limit = 7
                }
                #expect(answer.total == 22)
                all += answer.found
            }
            #expect(all == (0..<20).reversed())
            #expect(try await self.numbers(station) { $0.offset = 100 }.found == [])
        }
    }

    @Test("shows what has just happened, written or not, under the device's present name and type")
    func names() async throws {
        try await TestStation.run { station in
            let (one, _, _) = try await self.fill(station)
            var changes = DeviceChanges()
            changes.name = "Renamed"
            _ = try await station.hub.updateDevice(one.id, changes)
            await station.hear(.event(.userEvent, data: ["n": 99]), from: one)
            let entry = try #require(try await station.hub.deviceEvents(EventQuery()).entries.first)
            #expect(entry.event.payload == ["n": 99])
            #expect(entry.deviceName == "Renamed")
            #expect(entry.deviceType == "light")
            #expect(entry.event.createdAt == station.clock.wallTime)
        }
    }

    @Test("keeps the order of what happened within one millisecond")
    func sameMillisecond() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            await station.hub.hear((0..<150).map { .from(device, .event(.deviceEvent, data: ["n": .integer($0)])) })
            #expect(try await self.numbers(station) { $0.type = .deviceEvent }.found == (0..<150).reversed())
        }
    }

    @Test("leaves out kinds of event that this version does not know")
    func unknownKinds() async throws {
        try await TestStation.run { station in
            let (one, _, _) = try await self.fill(station)
            let id = EventID.make(at: station.clock.wallTime)
            try station.execute("INSERT INTO device_events VALUES ('\(id)', '\(one.id)', 'teleported', '{}', 0)")
            #expect(try await self.numbers(station) { _ in }.found == (0..<20).reversed())
        }
    }
}
