import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import StationData

@Suite("A device's presence", .serialized, .timeLimit(.minutes(2)))
struct PresenceTests {
    private static func run(
        _ body: (BridgeFixture, ManualClock, Device) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        var setup = BridgeFixture.Setup()
        setup.clock = clock
        try await BridgeFixture.run(setup) { fixture in
            try await body(fixture, clock, try await fixture.addDevice("lamp"))
        }
    }

    /// The device's own client, with the last will of the firmware.
    private static func lamp(_ fixture: BridgeFixture) async throws -> PlayedDevice {
        let nameless = "station/\(BridgeFixture.station)/device/lamp/heartbeat"
        let will = MQTTMessage(topic: nameless, text: PlayedDevice.offline)
        return try await fixture.play("lamp", by: try await fixture.client("esp32-lamp", lastWill: will))
    }

    /// Waits until the broker has published the last will and the bridge has dealt with it.
    private static func waitForWill(_ fixture: BridgeFixture, _ observer: BrokerClient) async throws {
        let topic = "station/\(BridgeFixture.station)/device/lamp/heartbeat"
        try await eventually("the last will is published") {
            observer.texts(on: topic).contains(PlayedDevice.offline)
        }
        try await fixture.settle()
    }

    private static func observer(_ fixture: BridgeFixture) async throws -> BrokerClient {
        try await fixture.client(hearing: ["station/+/device/+/heartbeat"])
    }

    @Test("ends when its connection breaks and nothing else is heard for the grace")
    func lastWill() async throws {
        try await Self.run { fixture, clock, lamp in
            let observer = try await Self.observer(fixture)
            let device = try await Self.lamp(fixture)
            try await device.shakeHands()
            #expect(fixture.device(lamp.id)?.status == .online)

            await device.client.connection.abort()
            try await Self.waitForWill(fixture, observer)
            clock.advance(by: .milliseconds(4_999))
            try await fixture.hub.judgePresence()
            #expect(fixture.device(lamp.id)?.status == .online)
            clock.advance(by: .milliseconds(1))
            try await fixture.hub.judgePresence()
            #expect(fixture.device(lamp.id)?.status == .offline)
            #expect(fixture.device(lamp.id)?.statusReason == .lastWill)
            let lines = try await fixture.feed(of: lamp.id, .statusChanged)
            #expect(lines.map { $0["status"] } == ["online", "offline"])
            #expect(lines.last?["reason"] == "last_will")
        }
    }

    @Test("goes on when it is back within the grace, without a word to anybody")
    func reconnect() async throws {
        try await Self.run { fixture, clock, lamp in
            let observer = try await Self.observer(fixture)
            let device = try await Self.lamp(fixture)
            try await device.shakeHands()
            // The same client id: the broker ends the old connection and publishes its will.
            let again = try await Self.lamp(fixture)
            try await Self.waitForWill(fixture, observer)
            clock.advance(by: .seconds(4))
            try await again.say("heartbeat", PlayedDevice.online)
            try await fixture.settle()
            clock.advance(by: .seconds(60))
            try await fixture.hub.judgePresence()
            #expect(fixture.device(lamp.id)?.status == .online)
            #expect(try await fixture.feed(of: lamp.id, .statusChanged).count == 1)
        }
    }

    @Test("ends after three minutes of silence; any message is a sign of life; the wall clock is none")
    func silence() async throws {
        try await Self.run { fixture, clock, lamp in
            let device = try await fixture.play("lamp")
            try await device.shakeHands()
            let signs = [
                ("state", #"{"state":{"on":true}}"#), ("event", #"{"event":"user_event"}"#),
                ("heartbeat", PlayedDevice.online),
            ]
            for (suffix, json) in signs {
                clock.advance(by: .seconds(179))
                clock.stepWall(by: .seconds(suffix == "event" ? -200_000 : 86_400))
                try await device.say(suffix, json)
                try await fixture.settle()
                try await fixture.hub.judgePresence()
                #expect(fixture.device(lamp.id)?.status == .online, "after \(suffix)")
            }
            // What is dropped is no sign of life.
            clock.advance(by: .seconds(179))
            try await device.say("heartbeat", "{}")
            try await fixture.settle()
            clock.advance(by: .seconds(1))
            try await fixture.hub.judgePresence()
            #expect(fixture.device(lamp.id)?.statusReason == .silent)
            try await device.say("event", #"{"event":"user_event"}"#)
            try await eventually("it is online again") { fixture.device(lamp.id)?.status == .online }
        }
    }

    @Test("is not held against the device when the broker was away as long")
    func brokerAway() async throws {
        let clock = ManualClock()
        var setup = BridgeFixture.Setup()
        setup.clock = clock
        try await BrokerProcess.run { broker in
            try await BridgeFixture.run(setup, to: broker.port) { fixture in
                let lamp = try await fixture.addDevice("lamp")
                let device = try await fixture.play("lamp")
                try await device.shakeHands()
                await broker.stop()
                try await eventually("the bridge notices") { fixture.health[.mqtt]?.status != .ok }
                clock.advance(by: .seconds(180))
                try await fixture.hub.judgePresence()
                #expect(fixture.device(lamp.id)?.status == .offline)
                #expect(fixture.device(lamp.id)?.statusReason == .brokerDown)
            }
        }
    }

    @Test("is not announced anew by heartbeats, which write nothing to disk for a minute")
    func heartbeats() async throws {
        try await TemporaryDirectory.run { directory in
            let clock = ManualClock()
            var setup = BridgeFixture.Setup()
            setup.clock = clock
            setup.database = try StationDatabase.open(path: directory.path("station.sqlite"))
            try await BridgeFixture.run(setup) { fixture in
                let lamp = try await fixture.addDevice("lamp")
                let device = try await fixture.play("lamp")
                try await device.shakeHands()
                // Beforehand the bridge finds out that this broker takes no logins, and forgets the lamp's.
                clock.advance(by: setup.answerDeadline)
                try await eventually("the lamp's password is forgotten") {
                    try await fixture.hub.brokerLogins().allSatisfy { $0.password == nil }
                }
                await fixture.hub.lookRound()
                let begin = clock.wallTime
                let witness = try StationDatabase.open(path: directory.path("station.sqlite"))
                let untouched = try await witness.dataVersion()
                func beat() async throws {
                    clock.advance(by: .seconds(1))
                    try await device.say("heartbeat", PlayedDevice.online)
                    let now = clock.wallTime
                    try await eventually("it is heard") { fixture.device(lamp.id)?.lastHeartbeatAt == now }
                    await fixture.hub.lookRound()
                }
                // The handshake and the status it brought are announced by now, or will be before any heartbeat.
                try await eventually("the status is announced") { fixture.events.of(lamp.id).count >= 3 }
                let announced = fixture.events.of(lamp.id)
                for _ in 0..<59 { try await beat() }
                #expect(try await witness.dataVersion() == untouched)
                #expect(fixture.events.of(lamp.id) == announced)
                #expect(try await fixture.feed(of: lamp.id, .statusChanged).count == 1)

                for _ in 0..<6 { try await beat() }
                #expect(try await witness.dataVersion() != untouched)
                let written = try await StationHub.open(database: witness).device(lamp.id)?.lastHeartbeatAt
                #expect(written == begin.adding(.seconds(60)))
            }
        }
    }
}
