import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Who is there")
struct PresenceTests {
    private func expect(
        _ status: DeviceStatus, _ reason: StatusReason?, of device: Device, at station: TestStation,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(station.hub.device(device.id)?.status == status, sourceLocation: sourceLocation)
        #expect(station.hub.device(device.id)?.statusReason == reason, sourceLocation: sourceLocation)
    }

    @Test(
        "Any message is a sign of life",
        arguments: [
            .heartbeat, .state([:]), .event(.deviceEvent, data: [:]), .event(.userEvent, data: [:]), .hello(),
        ] as [DeviceReport.Content]
    )
    func signsOfLife(content: DeviceReport.Content) async throws {
        try await TestStation.run { station in
            let device = try await station.add()
            self.expect(.offline, .neverSeen, of: device, at: station)
            let announcements = Announcements(of: station.hub)
            await station.hear(content, from: device)
            self.expect(.online, nil, of: device, at: station)
            #expect(await announcements.next().statuses(of: device.id) == [.online])
            await station.live(for: .seconds(170), step: .seconds(10))
            await station.hear(content, from: device)
            await station.live(for: .seconds(170), step: .seconds(10))
            self.expect(.online, nil, of: device, at: station)
            #expect(await announcements.next().statuses(of: device.id) == [])
        }
    }

    @Test("A last will is none: it makes nobody online")
    func willOfTheDead() async throws {
        try await TestStation.run { station in
            let device = try await station.add()
            await station.hear(.lastWill, from: device)
            await station.live(for: .seconds(10))
            self.expect(.offline, .neverSeen, of: device, at: station)
            #expect(station.hub.device(device.id)?.lastSeenAt == nil)
        }
    }

    @Test("A last will counts after its grace, and is announced and stored with its reason, once")
    func lastWill() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp")
            let seen = station.clock.wallTime
            await station.live(for: .seconds(10))
            let announcements = Announcements(of: station.hub)
            await station.hear(.lastWill, from: device)
            await station.live(for: .seconds(4))
            station.clock.advance(by: .milliseconds(999))
            try await station.hub.judgePresence()
            self.expect(.online, nil, of: device, at: station)
            station.clock.advance(by: .milliseconds(1))
            await station.hub.lookRound()
            self.expect(.offline, .lastWill, of: device, at: station)
            let time = station.clock.wallTime
            await station.live(for: .seconds(400))
            #expect(
                await announcements.next() == [
                    .deviceStatus(device.id, status: .offline, reason: .lastWill, at: time)
                ]
            )
            let entry = try #require(try await station.hub.deviceEvents(EventQuery()).entries.first)
            #expect(entry.event.type == .statusChanged)
            #expect(
                entry.event.payload
                    == ["status": "offline", "reason": "last_will", "lastSeenAt": .string(seen.description)]
            )
            #expect(try station.count("device_events") == 2)
            let again = try await station.restarted(flushing: false)
            self.expect(.offline, .lastWill, of: device, at: again)
        }
    }

    @Test("A will repeated does not put off the verdict")
    func repeatedWill() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            for _ in 0..<5 {
                await station.hear(.lastWill, from: device)
                await station.live(for: .seconds(1))
            }
            self.expect(.offline, .lastWill, of: device, at: station)
        }
    }

    @Test("The will of an old session is taken back by anything that the new one says")
    func willThenLife() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            let announcements = Announcements(of: station.hub)
            await station.hear(.lastWill, from: device)
            await station.live(for: .seconds(4))
            await station.hear(.state(["x": 1]), from: device)
            await station.live(for: .seconds(60))
            self.expect(.online, nil, of: device, at: station)
            #expect(await announcements.next().statuses(of: device.id) == [])
        }
    }

    @Test("Silence counts after 180 s for one, while another is heard")
    func silence() async throws {
        try await TestStation.run { station in
            station.hub.noteBroker(isConnected: true)
            let (silent, alive) = (try await station.addOnline("Silent"), try await station.addOnline("Alive"))
            for _ in 0..<5 {
                await station.live(for: .seconds(30))
                await station.hear(.heartbeat, from: alive)
            }
            await station.live(for: .seconds(29))
            station.clock.advance(by: .milliseconds(999))
            try await station.hub.judgePresence()
            self.expect(.online, nil, of: silent, at: station)
            station.clock.advance(by: .milliseconds(1))
            await station.hub.lookRound()
            self.expect(.offline, .silent, of: silent, at: station)
            self.expect(.online, nil, of: alive, at: station)
            let announcements = Announcements(of: station.hub)
            await station.hear(.heartbeat, from: silent)
            self.expect(.online, nil, of: silent, at: station)
            #expect(
                await announcements.next() == [
                    .deviceStatus(silent.id, status: .online, reason: nil, at: station.clock.wallTime)
                ]
            )
        }
    }

    @Test("Other numbers of the configuration are kept to")
    func otherNumbers() async throws {
        let rule = PresenceRule(offlineAfter: .seconds(20), lastWillGrace: .seconds(1))
        try await TestStation.run(settings: HubSettings(presence: rule)) { station in
            station.hub.noteBroker(isConnected: true)
            let (one, other) = (try await station.addOnline(), try await station.addOnline())
            await station.hear(.lastWill, from: one)
            await station.live(for: .seconds(1))
            self.expect(.offline, .lastWill, of: one, at: station)
            await station.live(for: .seconds(19))
            self.expect(.offline, .silent, of: other, at: station)
        }
    }

    // MARK: The wall clock

    @Test(
        "A step of the wall clock of a day, either way, flips no status and delays none",
        arguments: [-86_400, 86_400, -315_360_000])
    func clockSteps(seconds: Int64) async throws {
        try await TestStation.run { station in
            station.hub.noteBroker(isConnected: true)
            let device = try await station.addOnline()
            await station.live(for: .seconds(10))
            let announcements = Announcements(of: station.hub)
            station.clock.stepWall(by: .seconds(seconds))
            await station.live(for: .seconds(60))
            self.expect(.online, nil, of: device, at: station)
            await station.hear(.heartbeat, from: device)
            #expect(station.hub.device(device.id)?.lastHeartbeatAt == station.clock.wallTime)
            await station.live(for: .seconds(179))
            self.expect(.online, nil, of: device, at: station)
            await station.live(for: .seconds(1))
            self.expect(.offline, .silent, of: device, at: station)
            await station.hear(.lastWill, from: device)
            station.clock.stepWall(by: .seconds(-seconds))
            await station.hear(.heartbeat, from: device)
            await station.hear(.lastWill, from: device)
            station.clock.stepWall(by: .seconds(seconds))
            await station.live(for: .seconds(4))
            self.expect(.online, nil, of: device, at: station)
            await station.live(for: .seconds(1))
            self.expect(.offline, .lastWill, of: device, at: station)
            #expect(await announcements.next().statuses(of: device.id) == [.offline, .online, .offline])
        }
    }

    // MARK: The broker

    @Test("Silence while the broker is away is the broker's, and afterwards for as long again")
    func brokerDown() async throws {
        try await TestStation.run { station in
            station.hub.noteBroker(isConnected: true)
            let device = try await station.addOnline()
            await station.live(for: .seconds(100))
            station.hub.noteBroker(isConnected: false)
            await station.live(for: .seconds(79))
            self.expect(.online, nil, of: device, at: station)
            await station.live(for: .seconds(1))
            self.expect(.offline, .brokerDown, of: device, at: station)
            let entry = try #require(try await station.hub.deviceEvents(EventQuery()).entries.first)
            #expect(entry.event.payload["reason"] == "broker_down")
        }
    }

    @Test("A broker that was away for a moment excuses the silence that it fell into")
    func brokerBlink() async throws {
        try await TestStation.run { station in
            station.hub.noteBroker(isConnected: true)
            let device = try await station.addOnline()
            await station.live(for: .seconds(60))
            station.hub.noteBroker(isConnected: false)
            await station.live(for: .seconds(10))
            station.hub.noteBroker(isConnected: true)
            await station.live(for: .seconds(110))
            self.expect(.offline, .brokerDown, of: device, at: station)

            // Silence that began after the broker was back is the device's own.
            await station.hear(.heartbeat, from: device)
            await station.live(for: .seconds(180))
            self.expect(.offline, .silent, of: device, at: station)
        }
    }

    @Test("A last will stays a last will, whatever the broker does")
    func willAndBroker() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            await station.hear(.lastWill, from: device)
            station.hub.noteBroker(isConnected: false)
            await station.live(for: .seconds(5))
            self.expect(.offline, .lastWill, of: device, at: station)
        }
    }

    // MARK: Starting

    @Test("After a start every device is offline until it is heard, and the gap is recorded once")
    func starting() async throws {
        try await TestStation.run { station in
            let (online, will) = (try await station.addOnline("On"), try await station.addOnline("Will"))
            let never = try await station.add("Never")
            await station.hear(.lastWill, from: will)
            await station.live(for: .seconds(6))
            await station.hear(.heartbeat, from: online)
            let seen = station.clock.wallTime
            station.clock.advance(by: .seconds(60))
            let id = try #require(StationID("home"))

            let second = try await station.restarted()
            try await second.hub.markStarted(stationID: id, name: "Home")
            self.expect(.offline, .agentStarted, of: online, at: second)
            self.expect(.offline, .lastWill, of: will, at: second)
            self.expect(.offline, .neverSeen, of: never, at: second)
            #expect(second.hub.device(online.id)?.lastSeenAt == seen)
            func starts(_ station: TestStation) throws -> Int {
                try station.count("device_events", where: "payload LIKE '%agent_started%'")
            }
            #expect(try starts(second) == 1)
            let entry = try #require(try await second.hub.deviceEvents(EventQuery()).entries.first)
            #expect(entry.event.deviceID == online.id)
            #expect(
                entry.event.payload
                    == ["status": "offline", "reason": "agent_started", "lastSeenAt": .string(seen.description)]
            )

            let third = try await second.restarted()
            try await third.hub.markStarted(stationID: id, name: "Home")
            #expect(try starts(third) == 1)
            self.expect(.offline, .agentStarted, of: online, at: third)
            await third.hear(.heartbeat, from: online)
            self.expect(.online, nil, of: online, at: third)
            #expect(
                try third.sql { try String.fetchAll($0, sql: "SELECT id || ' ' || name FROM station") } == ["home Home"]
            )
        }
    }

    // MARK: The store

    @Test("When a status cannot be stored it stays as it was, unannounced, until it can", arguments: Breakage.allCases)
    func brokenStore(breakage: Breakage) async throws {
        try await TestStation.run { station in
            let (here, gone) = (try await station.add("Here"), try await station.addOnline("Gone"))
            await station.hear(.lastWill, from: gone)
            await station.live(for: .seconds(4))
            let announcements = Announcements(of: station.hub)
            try station.breakStore(breakage)
            await station.live(for: .seconds(6))
            await station.hear(.state(["x": 1]), from: here)
            self.expect(.offline, .neverSeen, of: here, at: station)
            self.expect(.online, nil, of: gone, at: station)
            // What it said is known all the same.
            #expect(station.hub.device(here.id)?.lastKnownState == ["x": 1])
            #expect(await announcements.next().map(\.kind) == ["state"])
            #expect(station.health[.store]?.status == .failed)

            try station.repairStore(breakage)
            await station.live(for: .seconds(6))
            await station.hear(.heartbeat, from: here)
            self.expect(.online, nil, of: here, at: station)
            self.expect(.offline, .lastWill, of: gone, at: station)
            #expect(await announcements.next().map(\.kind) == ["status", "status"])
            #expect(station.isStoreOK)
            #expect(try await station.hub.readings(.all(of: here.id)).map(\.points.raw?.count) == [1])
        }
    }
}

extension TestStation {
    fileprivate var isStoreOK: Bool { self.hub.isStoreUsable && self.health[.store]?.status == .ok }
}
