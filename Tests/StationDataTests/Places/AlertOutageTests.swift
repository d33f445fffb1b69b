import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Alerts while the store fails, and beside another process")
struct AlertOutageTests {
    /// The store takes readings, and no alerts.
    private func breakAlerts(of station: TestStation) throws {
        for event in ["INSERT", "UPDATE"] {
            try station.execute(
                "CREATE TRIGGER refuse_\(event) BEFORE \(event) ON alerts BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        }
    }

    private func repairAlerts(of station: TestStation) throws {
        try station.execute("DROP TRIGGER refuse_INSERT; DROP TRIGGER refuse_UPDATE")
    }

    @Test("One that could not be committed is not announced, and is when the store works again, once")
    func outage() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched(NewThreshold(kind: .max, value: 30, clearBand: 0))
            let announcements = Announcements(of: station.hub)
            try self.breakAlerts(of: station)
            for value in [31.0, 33, 32] { await station.hear(value, from: watched) }
            await station.live(for: .seconds(12))
            #expect(try await station.alerts().isEmpty)
            #expect(await announcements.next().alerts.isEmpty)
            #expect(station.hub.device(watched.device.id)?.lastKnownState["temperature"]?.doubleValue == 32)
            #expect(station.health[.store]?.status == .failed)

            try self.repairAlerts(of: station)
            await station.live(for: .seconds(6))
            #expect(await announcements.next().alerts == [true])
            let tally = AlertTally(value: 31, lastValue: 32, peakValue: 33, count: 3)
            #expect(try await station.alerts().map(\.tally) == [tally])
            await station.hear(29, from: watched)
            #expect(await announcements.next().alerts == [false])
            #expect(try await station.restarted().alerts().map(\.tally.count) == [3])
        }
    }

    @Test("One that opened and ended while the store failed is on record afterwards, and announced as both")
    func episode() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched(NewThreshold(kind: .max, value: 30, clearBand: 0))
            let announcements = Announcements(of: station.hub)
            try self.breakAlerts(of: station)
            for value in [31.0, 29, 35, 20] { await station.hear(value, from: watched) }
            await station.live(for: .seconds(6))
            try self.repairAlerts(of: station)
            await station.live(for: .seconds(6))
            #expect(await announcements.next().alerts == [true, false, true, false])
            #expect(try await station.alerts().map(\.tally.value) == [35, 31])
            #expect(try await station.hub.openAlertCounts().isEmpty)
            #expect(try station.count("device_events", where: "event_type LIKE 'alert_%'") == 4)
        }
    }

    @Test("A stop in the middle of a failure loses none that the last flush can still write")
    func stop() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            try self.breakAlerts(of: station)
            await station.hear(31, from: watched)
            try self.repairAlerts(of: station)
            #expect(try await station.restarted().alerts().map(\.tally.value) == [31])
        }
    }

    @Test("One whose threshold is taken away before it could be written is not written")
    func withdrawn() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            let announcements = Announcements(of: station.hub)
            try self.breakAlerts(of: station)
            await station.hear(31, from: watched)
            try await station.hub.removeThreshold(watched.threshold.id, of: watched.sensor.id, of: watched.device.id)
            try self.repairAlerts(of: station)
            await station.live(for: .seconds(12))
            #expect(await announcements.next().alerts.isEmpty)
            #expect(try station.count("alerts") == 0)
        }
    }

    @Test("Episodes of a long failure are kept within a limit, and what had to go is counted")
    func limit() async throws {
        try await TestStation.run(settings: .init(deviceRate: .init(perSecond: 1e6, burst: 1e6))) { station in
            let watched = try await station.addWatched(NewThreshold(kind: .max, value: 30, clearBand: 0))
            try self.breakAlerts(of: station)
            for number in 0..<1010 {
                await station.hear(Double(100 + number), from: watched)
                await station.hear(0, from: watched)
            }
            try self.repairAlerts(of: station)
            await station.live(for: .seconds(6))
            #expect(try station.count("alerts") == 1000)
            #expect(try station.count("alerts", where: "value < 110") == 0)
            #expect(station.metric("station_rows_dropped_total") == 10)
        }
    }

    // MARK: Another process

    @Test("A threshold that another process sets is judged by with the next round; one it takes away is not")
    func foreignThreshold() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Thermometer", type: "climate")
            await station.lookRound()
            let cli = try await station.commandLine()
            let sensor = try #require(try await cli.sensors(of: device.id).first)
            let threshold = try await cli.addThreshold(
                NewThreshold(kind: .max, value: 30), to: sensor.id, of: device.id)
            let watched = Watched(device: device, sensor: sensor, threshold: threshold)
            await station.lookRound()
            let announcements = Announcements(of: station.hub)
            await station.hear(31, from: watched)
            #expect(await announcements.next().alerts == [true])
            await station.lookRound()
            try await cli.removeThreshold(threshold.id, of: sensor.id, of: device.id)
            await station.lookRound()
            let ended = try #require(await announcements.next().resolvedAlerts.first)
            #expect(try await station.alerts() == [ended])
            await station.hear(32, from: watched)
            #expect(await announcements.next().alerts.isEmpty)
        }
    }

    @Test("An alert that another process ends has ended here with the next round, and the next violation opens another")
    func foreignEnd() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            await station.hear(31, from: watched)
            await station.lookRound()
            let cli = try await station.commandLine()
            let alert = try #require(try await station.alerts().first)
            _ = try await cli.resolveAlert(alert.id, in: alert.placeID)
            // Before the next round it still counts as open here; that must not undo what the other has done.
            await station.hear(32, from: watched)
            try await station.hub.flush(.everything)
            let announcements = Announcements(of: station.hub)
            await station.lookRound()
            #expect(await announcements.next().resolvedAlerts.map(\.id) == [alert.id])
            await station.hear(33, from: watched)
            #expect(await announcements.next().alerts == [true])
            #expect(try await station.alerts().map(\.isOpen) == [true, false])
        }
    }

    @Test("An alert ends with a device that another process removes")
    func foreignRemoval() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            await station.hear(31, from: watched)
            await station.lookRound()
            let cli = try await station.commandLine()
            try await cli.removeDevice(watched.device.id)
            let announcements = Announcements(of: station.hub)
            await station.lookRound()
            #expect(await announcements.next().map(\.kind) == ["resolved", "deleted"])
        }
    }
}
