import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A disk that is full")
struct DiskFullTests {
    private static let committed = #"station_store_commits_total{kind="telemetry"}"#

    @Test("SQLite finds no room: readings stop, the rest goes on, health says so; with room again all are written")
    func full() async throws {
        try await TestStation.run(settings: PlayedDisk().settings) { station in
            let device = try await station.addOnline()
            await station.lookRound()
            let announcements = Announcements(of: station.hub)
            try station.fillDisk()
            let count = await station.hearMuch(from: device)
            await station.live(for: .seconds(6))
            #expect(station.hub.isTelemetryPaused)
            #expect(station.health[.store]?.status == .degraded)
            #expect(station.storeDetail.hasPrefix("disk full: readings are not kept since 2026-11-21T08:30:0"))
            #expect(station.hub.isStoreUsable)
            // What was reported is known, readable and announced.
            #expect(station.hub.device(device.id)?.lastKnownState["k3"] == 39)
            #expect(try await station.hub.readings(.all(of: device.id)).count == 50)
            #expect(await announcements.next().contains { $0.kind == "state" })
            // These find room in the pages that there are.
            #expect(try await station.change(device) { $0.name = "Other" }.name == "Other")
            try await station.hub.set(["note": "x"])
            await station.live(for: .seconds(180))
            #expect(station.hub.device(device.id)?.status == .offline)
            #expect(try station.count("devices", where: "name = 'Other' AND status = 'offline'") == 1)
            #expect(station.health[.store]?.status == .degraded)
            #expect(station.hub.pendingRowCount == count)

            try station.makeRoom()
            await station.live(for: .seconds(11))
            #expect(station.health[.store]?.status == .ok)
            #expect(!station.hub.isTelemetryPaused)
            #expect(station.hub.pendingRowCount == 0)
            #expect(try station.count("reading_journal") == count)
            #expect(station.metric("station_rows_dropped_total") == 0)
        }
    }

    @Test("A start that cannot be put on record is one all the same, if it must be: nobody is online until heard")
    func start() async throws {
        try await TestStation.run(settings: PlayedDisk().settings) { station in
            let id = try #require(StationID(TestStation.stationID))
            try await station.hub.markStarted(stationID: id, name: "Mill")
            let devices = try await Self.addOnline(100, to: station)
            let again = try await station.restarted()
            try again.fillDisk()
            _ = await Self.addUntilFull(again)
            await #expect(throws: StoreError.self) { try await again.hub.markStarted(stationID: id, name: "Mill") }
            try await again.hub.markStarted(stationID: id, name: "Mill", evenUnrecorded: true)
            #expect(again.hub.stationName == "Mill")
            #expect(devices.allSatisfy { again.hub.device($0)?.status == .offline })
            #expect(try again.count("devices", where: "status = 'online'") == 100)

            try again.makeRoom()
            let third = try await again.restarted()
            try await third.hub.markStarted(stationID: id, name: "Mill")
            #expect(try third.count("devices", where: "status = 'online'") == 0)
        }
    }

    private static func addOnline(_ count: Int, to station: TestStation) async throws -> [DeviceID] {
        var ids: [DeviceID] = []
        for _ in 0..<count { ids.append(try await station.addOnline().id) }
        return ids
    }

    @Test("What must be committed and finds no room fails plainly, changes nothing, and works again with the room")
    func nothingGoes() async throws {
        try await TestStation.run(settings: PlayedDisk().settings) { station in
            let announcements = Announcements(of: station.hub)
            try station.fillDisk()
            let (added, error) = await Self.addUntilFull(station)
            #expect(error?.diskFault == .full)
            #expect("\(error.map(\.description) ?? "")".hasPrefix("The disk is full: adding devices"))
            #expect(station.health[.store]?.status == .degraded)
            #expect(station.storeDetail.contains("The disk is full: adding devices"))
            #expect(station.hub.devices().count == added)
            #expect(try station.count("devices") == added)
            #expect(await announcements.next().count == added)

            try station.makeRoom()
            _ = try await station.add("New")
            await station.live(for: .seconds(11))
            #expect(station.health[.store]?.status == .ok)
            #expect(try await station.restarted().hub.devices().count == added + 1)
        }
    }

    private static func addUntilFull(_ station: TestStation) async -> (added: Int, StoreError?) {
        for number in 0..<10_000 {
            let name = "\(number) \(String(repeating: "x", count: 80))"
            do throws(StoreError) {
                _ = try await station.hub.addDevice(NewDevice(name: name))
            } catch {
                return (number, error)
            }
        }
        return (10_000, nil)
    }

    @Test("Nearly full: the reserve is kept for status, identity, alerts and the time, and readings wait for more room")
    func lowOnSpace() async throws {
        let disk = PlayedDisk()
        try await TestStation.run(settings: disk.settings) { station in
            let watched = try await station.addWatched(NewThreshold(kind: .max, value: 30))
            let other = try await station.add("Other")
            await station.lookRound()
            let announcements = Announcements(of: station.hub)
            disk.leave(mebibytes: 49)
            await station.lookRound()
            #expect(station.storeDetail.hasPrefix("disk full (49 MiB free of 1000): readings are not kept since"))
            let before = station.metric(Self.committed)
            await station.hear(31, from: watched)
            #expect(await station.hear(.hello(firmware: "2"), from: other).map(\.outcome) == [.known])
            await station.live(for: .seconds(70))
            #expect(station.metric(Self.committed) == before)
            #expect(try station.count("reading_journal") == 0)
            #expect(try station.count("devices", where: "firmware_version = '2' AND status = 'online'") == 1)
            #expect(try await station.alerts().map(\.isOpen) == [true])
            #expect(await announcements.next().alerts == [true])
            let floor = try station.sql { try Int64.fetchOne($0, sql: Self.clockFloor) ?? 0 }
            #expect(floor > station.clock.wallTime.milliseconds - 70_000)

            disk.leave(mebibytes: 60)
            await station.live(for: .seconds(20))
            #expect(try station.count("reading_journal") == 0)
            disk.leave(mebibytes: 80)
            await station.live(for: .seconds(6))
            #expect(try station.count("reading_journal") == 1)
            #expect(station.health[.store]?.status == .ok)
        }
    }

    private static let clockFloor = "SELECT value FROM settings WHERE key = 'clock.floor'"

    @Test("What waits meanwhile is bounded, the oldest go, counted; a graceful stop writes the rest into the reserve")
    func bounds() async throws {
        let disk = PlayedDisk()
        try await TestStation.run(settings: disk.settings) { station in
            let device = try await station.addOnline()
            disk.leave(mebibytes: 1)
            await station.lookRound()
            for round in 0..<1010 {
                station.clock.advance(by: .milliseconds(1))
                await station.hear(.state(.numbered(0..<100, value: Int64(round))), from: device)
            }
            await station.live(for: .seconds(3))
            #expect(station.hub.pendingRowCount == 100_000)
            #expect(station.metric("station_rows_dropped_total") == 1000)
            try await station.hub.flushEverything()
            #expect(station.hub.pendingRowCount == 0)
            #expect(try station.count("reading_journal") == 100_000)
            #expect(station.hub.isTelemetryPaused, "there is no more room than before")
        }
    }

    @Test("The figures tell sizes, room and whether readings wait; commits and rows are counted by kind")
    func figures() async throws {
        let disk = PlayedDisk()
        try await TestStation.run(settings: disk.settings) { station in
            let device = try await station.addOnline()
            await station.hear(.state(["a": 1, "b": 2]), from: device)
            let durable = station.metric(#"station_store_commits_total{kind="durable"}"#)
            #expect(durable >= 2)
            try await station.hub.flush(.reports)
            #expect(station.metric(Self.committed) == 1)
            #expect(station.metric("station_rows_written_total") == 2)
            #expect(station.metric(#"station_store_commits_total{kind="durable"}"#) == durable)
            let figures = station.hub.storeFigures
            #expect(figures.storeBytes > 0 && figures.storeBytes.isMultiple(of: 4096))
            #expect(try figures.logBytes == station.logBytes())
            #expect(figures.space == FreeSpace(freeBytes: PlayedDisk.plenty, totalBytes: PlayedDisk.totalBytes))
            #expect(!figures.isTelemetryPaused)
        }
    }

    @Test("After a burst the write-ahead log gives back what it took beyond 16 MiB")
    func log() async throws {
        try await TestStation.run { station in
            try station.burst(mebibytes: 24)
            let burst = try station.logBytes()
            #expect(burst > 24 << 20)
            // The first commit that begins the log anew cuts it.
            _ = try await station.add("Lamp")
            #expect(try station.logBytes() <= 16 << 20)
            #expect(try await station.restarted().hub.devices().map(\.name) == ["Lamp"])
            #expect(try station.count("burst", where: "length(content) = 25165824") == 1)
        }
    }

    @Test("A log that readers have kept from being folded is seen to once they are gone")
    func pinnedLog() async throws {
        try await TestStation.run { station in
            try await station.whileReading {
                try station.burst(mebibytes: 40)
                try station.burst(mebibytes: 40)
                #expect(try station.logBytes() > 64 << 20)
            }
            await station.lookRound()
            #expect(try station.logBytes() < 1 << 20)
        }
    }
}
