import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("What devices report")
struct IngestTests {
    // MARK: At once

    @Test("is readable and announced at once, before anything is written, and there again after a restart")
    func stateAtOnce() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline(type: "climate")
            let before = try WriteAheadLog(of: station.path)
            let announcements = Announcements(of: station.hub)
            station.clock.advance(by: .seconds(1))
            let time = station.clock.wallTime
            await station.hear(.state(["temperature": .number(23.5), "humidity": 60, "rssi": -70]), from: device)
            #expect(try WriteAheadLog(of: station.path).commits == before.commits)

            let state: JSONObject = ["temperature": .number(23.5), "humidity": 60, "rssi": -70]
            #expect(await announcements.next() == [.deviceState(device.id, state: state, at: time)])
            func expectReadable(_ hub: StationHub) async throws {
                #expect(hub.device(device.id)?.lastKnownState == state)
                #expect(hub.device(device.id)?.lastSeenAt == time)
                let series = try await hub.readings(.all(of: device.id))
                #expect(series.map(\.key) == ["humidity", "temperature"])
                #expect(series.map(\.unit) == ["%", "°C"])
                #expect(series.map(\.points.raw) == [[.init(time, 60)], [.init(time, 23.5)]])
            }
            try await expectReadable(station.hub)
            #expect(station.hub.pendingRowCount == 2)
            try await station.hub.flush(.reports)
            #expect(station.hub.pendingRowCount == 0)
            try await expectReadable(station.hub)
            try await station.hub.settleJournal()
            try await expectReadable(station.hub)
            try await expectReadable(station.restarted(flushing: false).hub)
            #expect(
                try station.sql { try Double.fetchAll($0, sql: "SELECT value FROM readings ORDER BY key") } == [
                    60, 23.5,
                ]
            )
        }
    }

    @Test("is written within the flush interval by the regular work, and by as many rows as the settings say")
    func flushing() async throws {
        var settings = HubSettings()
        settings.flushRows = 100
        try await TestStation.run(settings: settings) { station in
            let device = try await station.addOnline()
            await station.live(for: .seconds(10))
            await station.hear(.state(["n": 1]), from: device)
            await station.live(for: .seconds(6))
            #expect(station.hub.pendingRowCount == 0)
            #expect(try station.count("readings") == 1)

            let patch = JSONObject.numbered(0..<99)
            await station.hear(.state(patch), from: device)
            await station.lookRound()
            #expect(station.hub.pendingRowCount == 99)
            await station.hear(.state(["n": 2]), from: device)
            await station.hub.lookRound()
            #expect(station.hub.pendingRowCount == 0)
        }
    }

    @Test("takes the device's own time for the reading, unless that cannot be")
    func measuredAt() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline(type: "climate")
            let now = station.clock.wallTime
            let claims: [(Duration, isBelieved: Bool)] = [
                (.seconds(-60), true), (.seconds(-6 * 86_400), true), (.seconds(-8 * 86_400), false),
                (.seconds(299), true), (.seconds(301), false), (.seconds(-20_000 * 86_400), false),
            ]
            for (offset, isBelieved) in claims {
                let claimed = now.adding(offset)
                await station.hear(.state(["temperature": 1], measuredAt: claimed), from: device)
                let query = ReadingQuery(
                    deviceID: device.id, keys: nil, from: claimed, to: claimed.adding(.milliseconds(1)), interval: nil
                )
                #expect(try await station.hub.readings(query).isEmpty == !isBelieved, "\(offset)")
                #expect(station.hub.device(device.id)?.lastSeenAt == now)
            }
        }
    }

    // MARK: The feed

    @Test("Events of both kinds are in the feed and announced; a change of a boolean is a transition")
    func events() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Hall", type: "switch-pir")
            let announcements = Announcements(of: station.hub)
            await station.hear(.state(["motion": false]), from: device)
            station.clock.advance(by: .seconds(1))
            let time = station.clock.wallTime
            await station.hear(.state(["motion": true]), from: device)
            await station.hear(.event(.deviceEvent, data: ["action": "motion_detected"]), from: device)
            await station.hear(.event(.userEvent, data: ["action": "button_press"]), from: device)
            #expect(
                await announcements.next() == [
                    .deviceState(device.id, state: ["motion": true], at: time),
                    .deviceTransition(device.id, key: "motion", old: false, new: true, at: time),
                    .deviceEvent(device.id, kind: .deviceEvent, data: ["action": "motion_detected"], at: time),
                    .deviceEvent(device.id, kind: .userEvent, data: ["action": "button_press"], at: time),
                ]
            )
            let entries = try await station.hub.deviceEvents(EventQuery()).entries
            #expect(entries.map(\.event.type) == [.userEvent, .deviceEvent, .stateTransition, .statusChanged])
            #expect(
                entries.map(\.event.payload) == [
                    ["action": "button_press"], ["action": "motion_detected"],
                    ["key": "motion", "oldValue": false, "newValue": true], ["status": "online"],
                ]
            )
            #expect(entries.allSatisfy { $0.deviceName == "Hall" && $0.deviceType == "switch-pir" })
        }
    }

    // MARK: Rule 12

    @Test("A retained state refreshes the state and is no reading, no transition and no sign of life")
    func retained() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Lamp", type: "light")
            let announcements = Announcements(of: station.hub)
            await station.hear(.state(["on": false, "brightness": 5]), from: device, isRetained: true)
            await station.hear(.state(["on": true, "brightness": 80]), from: device, isRetained: true)
            await station.hear(.heartbeat, from: device, isRetained: true)
            await station.hear(.event(.userEvent, data: [:]), from: device, isRetained: true)
            let known = try #require(station.hub.device(device.id))
            #expect(known.lastKnownState == ["on": true, "brightness": 80])
            #expect(known.status == .offline)
            #expect(known.statusReason == .neverSeen)
            #expect(known.lastSeenAt == nil)
            #expect(known.lastHeartbeatAt == nil)
            let announced = await announcements.next()
            #expect(announced.allSatisfy { if case .deviceState = $0 { true } else { false } })
            #expect(try await station.hub.readings(.all(of: device.id)) == [])
            #expect(try await station.hub.deviceEvents(EventQuery()).total == 0)
            let again = try await station.restarted()
            #expect(again.hub.device(device.id)?.lastKnownState == ["on": true, "brightness": 80])
        }
    }

    @Test("A retained will or heartbeat changes nothing for one that is online")
    func retainedWill() async throws {
        try await TestStation.run { station in
            station.hub.noteBroker(isConnected: true)
            let device = try await station.addOnline()
            await station.live(for: .seconds(10))
            await station.hear(.lastWill, from: device, isRetained: true)
            await station.live(for: .seconds(30))
            #expect(station.hub.device(device.id)?.status == .online)
            await station.hear(.heartbeat, from: device, isRetained: true)
            await station.live(for: .seconds(145))
            #expect(station.hub.device(device.id)?.status == .offline)
            #expect(station.hub.device(device.id)?.statusReason == .silent)
        }
    }

    // MARK: Rule 8

    @Test("In one batch, what comes before a handshake is judged without it and what comes after with it")
    func orderAroundHandshake() async throws {
        try await TestStation.run { station in
            let device = try await station.add(externalID: "esp-1")
            let other = try await station.addOnline(type: "climate")
            let announcements = Announcements(of: station.hub)
            let answers = await station.hub.ingest([
                .from(device, .state(["early": 1, "motion": false])),
                .from(other, .state(["temperature": 1])),
                .from(device, .hello(type: "pir")),
                .from(device, .state(["late": 2, "motion": true])),
                .from(other, .state(["temperature": 2])),
                .from(device, .event(.deviceEvent, data: [:])),
            ])
            #expect(answers.map(\.outcome) == [.known])
            // Before the handshake it had no type, and then every number is a reading and no boolean a transition.
            #expect(try await station.hub.readings(.all(of: device.id)).map(\.key) == ["early"])
            #expect(station.hub.device(device.id)?.lastKnownState == ["early": 1, "motion": true, "late": 2])
            // Of several unread states of a device only the newest is kept, in the place of the first.
            let announced = await announcements.next()
            #expect(
                announced.filter { $0.deviceID == device.id }.map(\.kind)
                    == ["status", "state", "handshake", "updated", "transition", "event"]
            )
            #expect(announced.states(of: other.id) == [["temperature": 2]])
        }
    }

    @Test("In one batch, a device that was offline is online before its state is announced")
    func orderAroundStatus() async throws {
        try await TestStation.run { station in
            let device = try await station.add(type: "light")
            let announcements = Announcements(of: station.hub)
            await station.hub.hear([
                .from(device, .state(["on": false])), .from(device, .heartbeat), .from(device, .state(["on": true])),
            ])
            #expect(await announcements.next().map(\.kind) == ["status", "state", "transition"])
            #expect(station.hub.device(device.id)?.status == .online)
            #expect(station.hub.device(device.id)?.lastKnownState == ["on": true])
        }
    }

    /// What should become of random reports of switches.
    private struct SwitchModel {
        var random: RepeatableRandom
        private(set) var states: [DeviceID: JSONObject] = [:]
        private(set) var transitions: [DeviceID: [StationEvent]] = [:]

        init(seed: UInt64) {
            self.random = RepeatableRandom(seed: seed)
        }

        mutating func number(in range: ClosedRange<Int>) -> Int { .random(in: range, using: &self.random) }

        mutating func report(of devices: [Device], at time: Timestamp) -> DeviceReport {
            let device = devices[self.number(in: 0...(devices.count - 1))]
            switch self.number(in: 0...9) {
            case 0: return .from(device, .hello(type: "switch-pir", firmware: "1"))
            case 1: return .from(device, .heartbeat)
            case 2: return .from(device, .lastWill)
            default:
                let key = ["motion", "button"][self.number(in: 0...1)]
                let new = self.number(in: 0...1) == 1
                if let old = self.states[device.id]?[key]?.boolValue, old != new {
                    self.transitions[device.id, default: []].append(
                        .deviceTransition(device.id, key: key, old: old, new: new, at: time)
                    )
                }
                self.states[device.id, default: [:]][key] = .bool(new)
                return .from(device, .state([key: .bool(new)]))
            }
        }
    }

    @Test(
        "Every device's messages take effect in their order, however they are cut into batches",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func orderProperty(seed: UInt64) async throws {
        try await TestStation.run { station in
            var model = SwitchModel(seed: seed)
            let devices = try await station.hub.addDevices((0..<6).map { NewDevice(name: "\($0)", type: "switch-pir") })
                .map(\.device)
            let announcements = Announcements(of: station.hub)
            for _ in 0..<40 {
                var batch: [DeviceReport] = []
                for _ in 0..<model.number(in: 1...30) {
                    batch.append(model.report(of: devices, at: station.clock.wallTime))
                }
                await station.hub.hear(batch)
                // A will counts now and then, so that statuses change between batches.
                station.clock.advance(by: .seconds(model.number(in: 0...6)))
                try await station.hub.judgePresence()
            }
            let announced = await announcements.next()
            for device in devices {
                let mine = announced.filter { $0.deviceID == device.id }
                #expect(mine.filter { $0.kind == "transition" } == model.transitions[device.id] ?? [])
                #expect(station.hub.device(device.id)?.lastKnownState == model.states[device.id] ?? [:])
                let statuses = announced.statuses(of: device.id)
                #expect(zip(statuses, statuses.dropFirst()).allSatisfy { $0 != $1 })
            }
            #expect(station.metric("station_states_coalesced_total") == 0)
            #expect(model.transitions.values.map(\.count).reduce(0, +) > 50)
        }
    }

    // MARK: Rule 1

    @Test("A device is remembered where it spoke last, also after a restart")
    func address() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            let other = DeviceAddress(dialect: .placebrain, scope: "place-9")
            await station.hub.hear([DeviceReport(sender: device.externalID, address: other, content: .heartbeat)])
            #expect(station.hub.device(device.id)?.address == other)
            let again = try await station.restarted()
            #expect(again.hub.device(device.id)?.address == other)
            let spoken = try DeviceReport.from("stranger", .hello())
            #expect(await again.hub.ingest([spoken]).map(\.address) == [DeviceReport.address])
        }
    }

    // MARK: Rule 5

    @Test("Heartbeats of many devices cost one write a minute for the whole station, and no event")
    func heartbeats() async throws {
        try await TestStation.run { station in
            var devices: [Device] = []
            for _ in 0..<20 { devices.append(try await station.addOnline(type: "climate")) }
            await station.live(for: .seconds(70))
            let announcements = Announcements(of: station.hub)
            let before = try WriteAheadLog(of: station.path)
            let events = try station.count("device_events")
            let minutes = 5
            for _ in 0..<(minutes * 6) {
                await station.hub.hear(devices.map { .from($0, .heartbeat) })
                await station.live(for: .seconds(10))
            }
            #expect(try WriteAheadLog(of: station.path).commits - before.commits <= minutes)
            #expect(try WriteAheadLog(of: station.path).commits > before.commits)
            #expect(await announcements.next() == [])
            #expect(try station.count("device_events") == events)
            // And what was written is no older than a minute.
            let oldest = try station.sql { db in
                try Int64.fetchOne(db, sql: "SELECT min(last_heartbeat_at) FROM devices") ?? 0
            }
            #expect(oldest >= station.clock.wallTime.milliseconds - 70_000)
            let again = try await station.restarted()
            #expect(
                again.hub.device(devices[0].id)?.lastHeartbeatAt == station.hub.device(devices[0].id)?.lastHeartbeatAt)
        }
    }

    @Test("A station where nobody speaks writes at most once a minute")
    func idle() async throws {
        try await TestStation.run { station in
            for _ in 0..<5 { _ = try await station.add() }
            await station.live(for: .seconds(70))
            let before = try WriteAheadLog(of: station.path)
            await station.live(for: .seconds(300))
            #expect(try WriteAheadLog(of: station.path).commits - before.commits <= 5)
        }
    }

    @Test("A heartbeat moves the time of the last heartbeat, anything moves the time when it was last seen")
    func seen() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            let first = station.clock.wallTime
            station.clock.advance(by: .seconds(10))
            await station.hear(.state(["x": 1]), from: device)
            #expect(station.hub.device(device.id)?.lastHeartbeatAt == first)
            #expect(station.hub.device(device.id)?.lastSeenAt == station.clock.wallTime)
            station.clock.advance(by: .seconds(10))
            await station.hear(.heartbeat, from: device)
            #expect(station.hub.device(device.id)?.lastHeartbeatAt == station.clock.wallTime)
        }
    }
}

extension ReadingSeries.Points {
    var raw: [TestPoint]? {
        if case .raw(let points) = self { points.map { TestPoint($0.time, $0.value) } } else { nil }
    }
}

/// A reading as a test writes it down.
struct TestPoint: Hashable, Sendable {
    let time: Timestamp
    let value: Double

    init(_ time: Timestamp, _ value: Double) {
        self.time = time
        self.value = value
    }
}

extension JSONObject {
    static func numbered(_ range: Range<Int>, value: Int64 = 1) -> JSONObject {
        range.reduce(into: JSONObject()) { $0["k\($1)"] = .integer(value) }
    }
}

extension [StationEvent] {
    func states(of id: DeviceID) -> [JSONObject] {
        self.compactMap { if case .deviceState(id, let state, _) = $0 { state } else { nil } }
    }

    func statuses(of id: DeviceID) -> [DeviceStatus] {
        self.compactMap { if case .deviceStatus(id, let status, _, _) = $0 { status } else { nil } }
    }
}
