import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The hub's regular work")
struct UpkeepTests {
    // MARK: Retention

    private static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

    private func settings(readings: Int, events: Int) -> HubSettings {
        HubSettings(readingRetention: Self.days(readings), eventRetention: Self.days(events))
    }

    @Test("Readings and events are kept as long as is configured, each by its own measure, and then forgotten")
    func retention() async throws {
        try await TestStation.run(settings: self.settings(readings: 2, events: 4)) { station in
            let device = try await station.addOnline(type: "switch-pir")
            var other = try await station.addOnline(type: "climate")
            for day in 0..<6 {
                await station.hear(.event(.deviceEvent, data: ["day": .integer(Int64(day))]), from: device)
                await station.hear(.state(["temperature": .integer(Int64(day))]), from: other)
                station.clock.advance(by: Self.days(1))
                await station.hub.lookRound()
            }
            try await station.hub.settleJournal()
            try await station.hub.forgetTheOld()
            let values = try await station.hub.readings(.all(of: other.id)).first?.points.raw?.map(\.value)
            // Now is day 6: what is exactly as old as the limit still counts.
            #expect(values == [4, 5])
            var query = EventQuery()
            query.type = .deviceEvent
            let events = try await station.hub.deviceEvents(query).entries
            #expect(events.map { $0.event.payload["day"]?.doubleValue } == [5, 4, 3, 2])
            #expect(try station.count("reading_points") == 2)
            // The last state is not history.
            other = try #require(station.hub.device(other.id))
            #expect(other.lastKnownState == ["temperature": 5])
        }
    }

    @Test("Forgetting happens by itself, about once an hour")
    func regularRetention() async throws {
        try await TestStation.run(settings: self.settings(readings: 1, events: 1)) { station in
            let device = try await station.addOnline()
            await station.hear(.state(["n": 1]), from: device)
            await station.live(for: .seconds(3600), step: .seconds(60))
            station.clock.advance(by: Self.days(1))
            await station.live(for: .seconds(7200), step: .seconds(60))
            #expect(try station.count("reading_points") == 0)
            #expect(try station.count("reading_journal") == 0)
            #expect(
                try station.count(
                    "device_events",
                    where: "created_at < \(station.clock.wallTime.adding(.seconds(-90_000)).milliseconds)") == 0)
        }
    }

    @Test("A key that has not been reported for as long leaves nothing behind, not even its name")
    func emptySeries() async throws {
        try await TestStation.run(settings: self.settings(readings: 1, events: 1)) { station in
            let device = try await station.addOnline()
            for number in 0..<300 {
                // Invented keys that come and go: each would otherwise leave a row for ever.
                await station.hear(.state(["k\(number)": 1, "k\(number - 1)": .null]), from: device)
                station.clock.advance(by: .seconds(1))
            }
            try await station.hub.flush(.rows)
            #expect(try station.count("reading_series") == 300)
            try await station.hub.settleJournal()
            station.clock.advance(by: Self.days(2))
            await station.hear(.state(["k299": 2]), from: device)
            await station.lookRound()
            try await station.hub.flush(.rows)
            try await station.hub.settleJournal()
            try await station.hub.forgetTheOld()
            #expect(try station.count("reading_series") == 1)
            #expect(try await station.hub.readings(.all(of: device.id)).map(\.key) == ["k299"])
            await station.hear(.state(["k5": 3]), from: device)
            try await station.hub.flush(.rows)
            #expect(try await station.hub.readings(.all(of: device.id)).map(\.key) == ["k299", "k5"])
        }
    }

    @Test("Nothing is forgotten by a clock that stands before a time that has already been")
    func distrust() async throws {
        try await TestStation.run(settings: self.settings(readings: 1, events: 1)) { station in
            let device = try await station.addOnline()
            await station.hear(.state(["n": 1]), from: device)
            try await station.hub.flush(.rows)
            try await station.hub.settleJournal()
            station.clock.advance(by: Self.days(10))
            await station.lookRound()
            station.clock.stepWall(by: Self.days(-5))
            station.clock.advance(by: .seconds(60))
            await station.lookRound()
            #expect(station.health[.clock]?.status == .degraded)
            try await station.hub.forgetTheOld()
            #expect(try station.count("reading_points") == 1)
            station.clock.stepWall(by: Self.days(5))
            station.clock.advance(by: .seconds(60))
            await station.lookRound()
            #expect(station.health[.clock]?.status == .ok)
            try await station.hub.forgetTheOld()
            #expect(try station.count("reading_points") == 0)
        }
    }

    // MARK: The clock

    @Test(
        "The last known time is kept: a clock that stands before it is told on the health board, also after a restart")
    func clockFloor() async throws {
        try await TestStation.run { station in
            await station.lookRound()
            #expect(station.health[.clock]?.status == .ok)
            let known = station.clock.wallTime
            station.clock.stepWall(by: .seconds(-86_400))
            station.clock.advance(by: .seconds(60))
            await station.lookRound()
            let check = try #require(station.health[.clock])
            #expect(check.status == .degraded)
            #expect(
                check.detail.contains(station.clock.wallTime.description) && check.detail.contains(known.description))

            // A Pi wakes up in 1970, and remembers.
            station.clock.stepWall(by: .zero - .milliseconds(station.clock.wallTime.milliseconds))
            let again = try await station.restarted()
            await again.lookRound()
            #expect(again.health[.clock]?.status == .degraded)
            again.clock.stepWall(by: .milliseconds(known.milliseconds) + .seconds(5))
            again.clock.advance(by: .seconds(60))
            await again.lookRound()
            #expect(again.health[.clock]?.status == .ok)
        }
    }

    @Test("A correction of less than two minutes is nothing to tell")
    func smallCorrection() async throws {
        try await TestStation.run { station in
            await station.lookRound()
            station.clock.stepWall(by: .seconds(-90))
            station.clock.advance(by: .seconds(60))
            await station.lookRound()
            #expect(station.health[.clock]?.status == .ok)
        }
    }

    @Test("The time is remembered when the agent stops")
    func rememberedAtTheEnd() async throws {
        try await TestStation.run { station in
            await station.lookRound()
            station.clock.advance(by: Self.days(30))
            let again = try await station.restarted()
            again.clock.stepWall(by: Self.days(-29))
            await again.lookRound()
            #expect(again.health[.clock]?.status == .degraded)
        }
    }

    // MARK: The store's health

    @Test(
        "A store that has been opened is usable, and a store that fails is told within one round and taken back in the next"
    )
    func storeHealth() async throws {
        try await TestStation.run { station in
            #expect(station.hub.isStoreUsable)
            try await station.hub.probeStore()
            try station.breakStore(.unreadable)
            await station.lookRound()
            #expect(!station.hub.isStoreUsable)
            #expect(station.health[.store]?.status == .failed)
            #expect(station.health[.store]?.detail.contains("no such table") == true)
            await #expect(throws: StoreError.self) { try await station.hub.probeStore() }
            try station.repairStore(.unreadable)
            await station.lookRound()
            #expect(station.hub.isStoreUsable)
            try await station.hub.probeStore()
        }
    }
}
