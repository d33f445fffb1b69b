import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Alerts")
struct AlertTests {
    // MARK: Opening

    @Test("The first violation opens one: committed, then announced, and in the feed; further ones only count")
    func opening() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched(NewThreshold(kind: .max, value: 30, severity: .critical))
            let announcements = Announcements(of: station.hub)
            await station.hear(30, from: watched)
            #expect(try await station.alerts().isEmpty)
            station.clock.advance(by: .seconds(1))
            let time = station.clock.wallTime
            await station.hear(31, from: watched)
            let events = await announcements.next()
            // The newer state has taken the place of the older one.
            #expect(events.map(\.kind) == ["state", "opened"])
            let alert = try #require(try await station.alerts().first)
            #expect(events.last == .alertOpened(alert))
            #expect(alert.deviceID == watched.device.id)
            #expect(alert.sensorID == watched.sensor.id)
            #expect(alert.thresholdID == watched.threshold.id)
            #expect(alert.placeID == watched.device.placeID)
            #expect(alert.key == "temperature")
            #expect(alert.kind == .max && alert.limit == 30 && alert.severity == .critical)
            #expect(alert.createdAt == time)
            #expect(alert.tally == AlertTally(31))

            await station.hear(35, from: watched)
            await station.hear(20, from: watched)
            await station.hear(32, from: watched)
            #expect(await announcements.next().allSatisfy { $0.kind == "state" })
            let tally = AlertTally(value: 31, lastValue: 32, peakValue: 35, count: 3)
            #expect(try await station.alerts().map(\.tally) == [tally])

            // On disk without a flush is that it opened; how it stands is with the next one.
            let crashed = try await station.restarted(flushing: false)
            #expect(try await crashed.alerts().map(\.id) == [alert.id])
            let feed = try await crashed.hub.deviceEvents(EventQuery()).entries
            let line = try #require(feed.first { $0.event.type == .alertOpened })
            #expect(line.event.payload["alertId"] == .string(alert.id.description))
            #expect(line.event.payload["value"]?.doubleValue == 31)
        }
    }

    @Test("How an open alert stands is there after a restart, and it goes on being the one alert")
    func restart() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched(NewThreshold(kind: .max, value: 30, clearBand: 1))
            await station.hear(31, from: watched)
            await station.hear(36, from: watched)
            let again = try await station.restarted()
            await again.hear(33, from: watched)
            let alert = try #require(try await again.alerts().first)
            #expect(alert.tally == AlertTally(value: 31, lastValue: 33, peakValue: 36, count: 3))
            let announcements = Announcements(of: again.hub)
            await again.hear(29, from: watched)
            #expect(await announcements.next().alerts == [false])
            #expect(try await again.alerts().map(\.resolvedAt) == [again.clock.wallTime])
            #expect(try again.count("alerts") == 1)
        }
    }

    @Test("A noisy sensor beyond its limit every second for an hour makes one alert and one commit for it")
    func noisy() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            let announcements = Announcements(of: station.hub)
            var random = SystemRandomNumberGenerator()
            await station.hear(31, from: watched)
            let before = try WriteAheadLog(of: station.path).commits
            for _ in 0..<3600 {
                station.clock.advance(by: .seconds(1))
                await station.hear(Double.random(in: 30.1...50, using: &random), from: watched)
            }
            #expect(try WriteAheadLog(of: station.path).commits == before)
            #expect(await announcements.next().alerts == [true])
            try await station.hub.flushEverything()
            #expect(try station.count("alerts") == 1)
            #expect(try station.count("alerts", where: "count = 3601 AND peak_value > 30 AND last_value > 30") == 1)
            #expect(try station.count("device_events", where: "event_type = 'alert_opened'") == 1)
        }
    }

    @Test("Many that open in one batch share a commit")
    func storm() async throws {
        try await TestStation.run { station in
            var all: [Watched] = []
            for _ in 0..<30 { all.append(try await station.addWatched()) }
            let announcements = Announcements(of: station.hub)
            let before = try WriteAheadLog(of: station.path).commits
            await station.hub.hear(all.map { .from($0.device, .state(["temperature": 40])) })
            #expect(try WriteAheadLog(of: station.path).commits == before + 1)
            #expect(await announcements.next().alerts == Array(repeating: true, count: 30))
            #expect(try await station.alerts().count == 30)
        }
    }

    @Test("Several thresholds of one sensor each have their own")
    func several() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            let hub = station.hub
            let critical = try await hub.addThreshold(
                NewThreshold(kind: .max, value: 40, severity: .critical), to: watched.sensor.id, of: watched.device.id
            )
            _ = try await hub.addThreshold(
                NewThreshold(kind: .min, value: 5), to: watched.sensor.id, of: watched.device.id
            )
            await station.hear(35, from: watched)
            #expect(try await station.alerts().map(\.thresholdID) == [watched.threshold.id])
            await station.hear(45, from: watched)
            #expect(try await station.alerts().map(\.thresholdID) == [critical.id, watched.threshold.id])
            let worst = try await station.alerts { $0.severity = .critical }
            #expect(worst.map(\.thresholdID) == [critical.id])
        }
    }

    @Test("A boolean is watched as 1 and 0, an open door for a minute")
    func boolean() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Door")
            let sensor = try await station.hub.addSensor(
                NewSensor(key: "open", name: "Open", valueType: .boolean), to: device.id
            )
            _ = try await station.hub.addThreshold(
                NewThreshold(kind: .max, value: 0.5, clearBand: 0, forSeconds: 60), to: sensor.id, of: device.id
            )
            let announcements = Announcements(of: station.hub)
            for (seconds, pause) in [(0, 30), (30, 29), (59, 1)] {
                await station.hear(.state(["open": true]), from: device)
                #expect(try await station.alerts().isEmpty, "\(seconds)")
                station.clock.advance(by: .seconds(pause))
            }
            await station.hear(.state(["open": true]), from: device)
            #expect(try await station.alerts().map(\.isOpen) == [true])
            await station.hear(.state(["rssi": -70]), from: device)
            #expect(try await station.alerts().map(\.isOpen) == [true])
            await station.hear(.state(["open": false]), from: device)
            #expect(try await station.alerts().map(\.isOpen) == [false])
            #expect(await announcements.next().alerts == [true, false])
        }
    }

    // MARK: What is not evaluated

    @Test("A late reading is stored and opens nothing, nor does it end anything")
    func late() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched(NewThreshold(kind: .max, value: 30, clearBand: 0))
            let now = station.clock.wallTime
            await station.hear(20, from: watched, at: now)
            await station.hear(99, from: watched, at: now.adding(.seconds(-60)))
            #expect(try await station.alerts().isEmpty)
            await station.hear(31, from: watched, at: now.adding(.seconds(1)))
            await station.hear(10, from: watched, at: now.adding(.seconds(-30)))
            #expect(try await station.alerts().map(\.isOpen) == [true])
            let series = try await station.hub.readings(.all(of: watched.device.id))
            #expect(series.first?.points.raw?.count == 4)
        }
    }

    @Test("A retained replay and a value that is no number open nothing")
    func replays() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            await station.hear(.state(["temperature": 99]), from: watched.device, isRetained: true)
            await station.hear(.state(["temperature": "hot"]), from: watched.device)
            await station.hear(.state(["temperature": .null]), from: watched.device)
            await station.hear(.state(["humidity": 99]), from: watched.device)
            #expect(try await station.alerts().isEmpty)
        }
    }

    @Test("What the rate limit holds back is judged when it is let through")
    func heldBack() async throws {
        var settings = HubSettings()
        settings.deviceRate = .init(perSecond: 1, burst: 3)
        try await TestStation.run(settings: settings) { station in
            let watched = try await station.addWatched()
            let announcements = Announcements(of: station.hub)
            for value in [20.0, 21, 40, 41] { await station.hear(value, from: watched) }
            #expect(try await station.alerts().isEmpty)
            await station.lookRound()
            #expect(try await station.alerts().map(\.tally) == [AlertTally(41)])
            #expect(await announcements.next().alerts == [true])
        }
    }

    // MARK: Ending

    @Test("By hand it ends once; while the value is still bad the next reading opens another")
    func byHand() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            await station.hear(31, from: watched)
            await station.hear(35, from: watched)
            let alert = try #require(try await station.alerts().first)
            let announcements = Announcements(of: station.hub)
            station.clock.advance(by: .seconds(5))
            let resolved = try await station.hub.resolveAlert(alert.id, in: alert.placeID)
            #expect(resolved.resolvedAt == station.clock.wallTime)
            #expect(resolved.tally == AlertTally(value: 31, lastValue: 35, peakValue: 35, count: 2))
            #expect(await announcements.next() == [.alertResolved(resolved)])
            await #expect(throws: StoreError.notFound(.alert, id: alert.id.description)) {
                try await station.hub.resolveAlert(alert.id, in: alert.placeID)
            }
            await station.hear(36, from: watched)
            let alerts = try await station.alerts()
            #expect(alerts.map(\.isOpen) == [true, false])
            #expect(alerts[1] == resolved)
            #expect(try await station.restarted().alerts() == alerts)
        }
    }

    @Test("By hand it ends only in its own place")
    func otherPlace() async throws {
        try await TestStation.run { station in
            let other = try await station.hub.addPlace(name: "Flat", owner: station.addUser("Ann"))
            let watched = try await station.addWatched()
            await station.hear(31, from: watched)
            let alert = try #require(try await station.alerts().first)
            await #expect(throws: StoreError.notFound(.alert, id: alert.id.description)) {
                try await station.hub.resolveAlert(alert.id, in: other.id)
            }
            #expect(try await station.hub.openAlertCounts() == [alert.placeID: 1])
        }
    }

    @Test(
        "It ends with its threshold, its sensor and its device's move to another place",
        arguments: ["threshold", "sensor", "move"]
    )
    func endsWith(cause: String) async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            let (device, sensor) = (watched.device, watched.sensor)
            await station.hear(31, from: watched)
            await station.hear(32, from: watched)
            let place = try await station.hub.addPlace(name: "Flat", owner: station.addUser("Ann"))
            let announcements = Announcements(of: station.hub)
            switch cause {
            case "threshold": try await station.hub.removeThreshold(watched.threshold.id, of: sensor.id, of: device.id)
            case "sensor": try await station.hub.removeSensor(sensor.id, of: device.id)
            default: try await station.change(device) { $0.placeID = place.id }
            }
            let ended = try #require(await announcements.next().resolvedAlerts.first)
            #expect(ended.tally.count == 2)
            #expect(try await station.alerts() == [ended])
            #expect(try await station.hub.openAlertCounts().isEmpty)
            await station.hear(33, from: watched)
            #expect(await announcements.next().alerts == (cause == "move" ? [true] : []))
            #expect(try await station.hub.openAlertCounts() == (cause == "move" ? [place.id: 1] : [:]))
            #expect(try await station.restarted().alerts() == [ended])
        }
    }

    @Test("It ends with its device, and goes with its history")
    func endsWithDevice() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            await station.hear(31, from: watched)
            let announcements = Announcements(of: station.hub)
            try await station.hub.removeDevice(watched.device.id)
            let events = await announcements.next()
            #expect(events.map(\.kind) == ["resolved", "deleted"])
            #expect(events.resolvedAlerts.first?.resolvedAt == station.clock.wallTime)
            try await station.hub.flushEverything()
            #expect(try station.count("alerts") == 0)
            try station.expectOnlyTombstone(of: watched.device.id)
        }
    }

    @Test("What ended long ago is forgotten; what is open never is")
    func retention() async throws {
        try await TestStation.run { station in
            let (old, open) = (try await station.addWatched(), try await station.addWatched())
            await station.hear(31, from: old)
            await station.hear(31, from: open)
            try await station.hub.removeThreshold(old.threshold.id, of: old.sensor.id, of: old.device.id)
            await station.lookRound()
            station.clock.advance(by: .seconds(29 * 86_400))
            try await station.hub.forgetTheOld()
            #expect(try await station.alerts().count == 2)
            station.clock.advance(by: .seconds(2 * 86_400))
            try await station.hub.forgetTheOld()
            #expect(try await station.alerts().map(\.deviceID) == [open.device.id])
        }
    }

    // MARK: Listing

    @Test("Lists are filtered, newest first, and cut into pages")
    func listing() async throws {
        try await TestStation.run { station in
            let first = try await station.addWatched()
            let second = try await station.addWatched(NewThreshold(kind: .max, value: 30, severity: .critical))
            await station.hear(31, from: first)
            station.clock.advance(by: .seconds(60))
            let middle = station.clock.wallTime
            await station.hear(31, from: second)
            let newest = try #require(try await station.alerts().first)
            _ = try await station.hub.resolveAlert(newest.id, in: newest.placeID)
            let (one, two) = (first.device.id, second.device.id)
            let questions: [(expected: [DeviceID], change: (inout AlertQuery) -> Void)] = [
                ([two, one], { _ in }), ([one], { $0.isOpen = true }), ([two], { $0.isOpen = false }),
                ([one], { $0.severity = .warning }), ([two], { $0.sensorID = second.sensor.id }),
                ([one], { $0.deviceID = one }), ([two], { $0.from = middle }), ([one], { $0.to = middle }),
                ([two], { $0.limit = 1 }), ([one], { $0.offset = 1 }),
            ]
            for (number, question) in questions.enumerated() {
                let found = try await station.alerts(question.change)
                #expect(found.map(\.deviceID) == question.expected, "question \(number)")
            }
            var query = AlertQuery(in: newest.placeID)
            query.limit = 1
            #expect(try await station.hub.alerts(query).total == 2)
            #expect(try await station.hub.alerts(AlertQuery(in: .make(at: middle))).total == 0)
        }
    }

    @Test("A sensor has no thresholds without end, and none that cannot be")
    func thresholds() async throws {
        try await TestStation.run { station in
            let watched = try await station.addWatched()
            let (sensor, device) = (watched.sensor.id, watched.device.id)
            for (new, field) in [
                (NewThreshold(kind: .max, value: .nan), "value"),
                (NewThreshold(kind: .max, value: .infinity), "value"),
                (NewThreshold(kind: .max, value: 1, clearBand: -1), "clear_band"),
                (NewThreshold(kind: .max, value: 1, clearBand: .infinity), "clear_band"),
                (NewThreshold(kind: .max, value: 1, forSeconds: -1), "for_seconds"),
                (NewThreshold(kind: .max, value: 1, forSeconds: 86_401), "for_seconds"),
            ] {
                let error = await #expect(throws: StoreError.self) {
                    try await station.hub.addThreshold(new, to: sensor, of: device)
                }
                #expect(error?.invalidField == field)
            }
            let second = try await station.hub.addThreshold(
                NewThreshold(kind: .min, value: 5, severity: .critical, clearBand: 0, forSeconds: 9), to: sensor,
                of: device
            )
            #expect(try await station.hub.thresholds(of: sensor, of: device) == [watched.threshold, second])
            for number in 2..<Threshold.maximumCount {
                let new = NewThreshold(kind: .max, value: Double(number))
                _ = try await station.hub.addThreshold(new, to: sensor, of: device)
            }
            let error = await #expect(throws: StoreError.self) {
                try await station.hub.addThreshold(NewThreshold(kind: .max, value: 0), to: sensor, of: device)
            }
            #expect(error?.isConflict == true)
            let other = try await station.add("Other", type: "climate")
            let foreign = try #require(try await station.hub.sensors(of: other.id).first)
            await #expect(throws: StoreError.notFound(.threshold, id: second.id.description)) {
                try await station.hub.removeThreshold(second.id, of: foreign.id, of: other.id)
            }
        }
    }
}
