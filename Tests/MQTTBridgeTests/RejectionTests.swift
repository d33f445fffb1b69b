import MQTTTransport
import PollLoop
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import MQTTBridge

@Suite("A bad message", .serialized, .timeLimit(.minutes(3)))
struct RejectionTests {
    @Test(
        "is dropped and counted by its reason, reaches no store and disturbs nobody",
        arguments: [BadMessage.smartHome, BadMessage.placeBrain]
    )
    func counted(corpus: [BadMessage]) async throws {
        try await BridgeFixture.run { fixture in
            let victim = try await fixture.addDevice("victim", type: "climate")
            let other = try await fixture.addDevice("other", type: "climate")
            let neighbour = try await fixture.play("other")
            try await neighbour.shakeHands()

            let client = try await fixture.client()
            let sent = corpus.filter(\.isDeliverable)
            for (index, bad) in sent.enumerated() {
                try await client.publish(bad.topic, bad.payload)
                guard index % 16 == 0 else { continue }
                let json = #"{"temperature":\#(index)}"#
                try await neighbour.say("state", PlayedDevice.dated(json, index, after: fixture.yesterday))
            }
            try await neighbour.say("state", #"{"state":{"temperature":-1}}"#)
            try await fixture.settle()

            let expected = Dictionary(grouping: sent, by: \.reason.rawValue).mapValues(\.count)
            #expect(fixture.rejections == expected)
            let untouched = try #require(fixture.device(victim.id))
            #expect(untouched == victim)
            #expect(try await fixture.feed(of: victim.id, .statusChanged).isEmpty)
            #expect(try await fixture.readings(of: victim.id, "temperature").isEmpty)
            #expect(fixture.state(of: other.id) == ["temperature": -1])
            #expect(try await fixture.readings(of: other.id, "temperature").count == (sent.count + 15) / 16 + 1)
            #expect(fixture.hub.devices().count == 3)
            #expect(fixture.metric("station_mqtt_connections_total") == 1)
        }
    }

    @Test("on a topic with the wrong number of levels is dropped too, should a broker deliver it")
    func wrongLevels() async throws {
        // CONNACK; the subscription is never answered.
        try await FakePeer.run(.answers([0x20, 0x02, 0x00, 0x00])) { peer in
            var setup = BridgeFixture.Setup()
            setup.waitsForConnection = false
            try await BridgeFixture.run(setup, to: peer.port) { fixture in
                let device = try await fixture.addDevice("victim")
                // The CONNECT and the SUBSCRIBE are there.
                try await eventually("the bridge subscribes") {
                    String(decoding: peer.received, as: UTF8.self).contains(fixture.bridge.pingTopic)
                }
                let undeliverable = (BadMessage.smartHome + BadMessage.placeBrain).filter { !$0.isDeliverable }
                for bad in undeliverable { peer.send(Self.publish(bad.topic, bad.payload)) }
                peer.send(Self.publish("zigbee/victim/state/a/b", Array("{}".utf8)))
                try await eventually("all are dropped") {
                    fixture.rejected("bad_topic") == undeliverable.count + 1
                }
                #expect(fixture.rejections.count == 1)
                #expect(fixture.device(device.id) == device)
                peer.send(Self.publish("station/s-1/device/victim/state", Array(#"{"state":{"a":1}}"#.utf8)))
                try await eventually("a good one is still taken up") { fixture.state(of: device.id) == ["a": 1] }
            }
        }
    }

    /// A PUBLISH packet of QoS 0 (MQTT 3.1.1, 3.3).
    private static func publish(_ topic: String, _ payload: [UInt8]) -> [UInt8] {
        let topic = Array(topic.utf8)
        let body = [UInt8(topic.count >> 8), UInt8(topic.count & 0xff)] + topic + payload
        let length = body.count < 128 ? [UInt8(body.count)] : [UInt8(body.count % 128 | 128), UInt8(body.count / 128)]
        return [0x30] + length + body
    }

    @Test("is logged once a minute for each device and reason, whatever else comes")
    func logged() async throws {
        let clock = ManualClock()
        var setup = BridgeFixture.Setup()
        setup.clock = clock
        try await BridgeFixture.run(setup) { fixture in
            let first = try await fixture.play("first")
            let second = try await fixture.play("second", by: first.client)
            func badRound() async throws {
                for _ in 0..<20 {
                    try await first.say("state", "not JSON")
                    try await first.say("state", #"{"state":5}"#)
                    try await second.say("heartbeat", "nor this")
                }
                try await fixture.settle()
            }
            func told() -> [String] {
                fixture.log.lines("a device's message was dropped")
                    .map { "\($0.metadata["device"] ?? "-") \($0.metadata["reason"] ?? "-")" }.sorted()
            }
            let once = ["first not_json", "first wrong_type", "second not_json"]
            try await badRound()
            #expect(told() == once)
            clock.advance(by: .seconds(59))
            try await badRound()
            #expect(told() == once)
            clock.advance(by: .seconds(1))
            try await badRound()
            #expect(told() == (once + once).sorted())
            #expect(fixture.rejections == ["not_json": 120, "wrong_type": 60])
        }
    }

    @Test("does not fill the log, whatever names its sender invents")
    func inventedNames() async throws {
        let clock = ManualClock()
        var setup = BridgeFixture.Setup()
        setup.clock = clock
        try await BridgeFixture.run(setup) { fixture in
            let client = try await fixture.client()
            let longest = String(repeating: "e\u{301}\u{302}", count: 5_000)
            try await client.publish(
                (0..<1_000).flatMap { number in
                    [
                        MQTTMessage(topic: "station/s-1/device/invented-\(number)/state", text: "bad"),
                        MQTTMessage(topic: "station/s-1/device/stranger-\(number)/handshake", text: "{}"),
                    ]
                } + [MQTTMessage(topic: "station/s-1/device/\(longest)/state", text: "bad")]
            )
            try await fixture.settle()
            #expect(fixture.rejected("not_json") == 1_000)
            #expect(fixture.log.lines.count < 150)
            clock.advance(by: .seconds(10))
            try await client.publish("station/s-1/device/\(longest)/state", [])
            try await fixture.settle()
            let line = try #require(fixture.log.lines("a device's message was dropped").last)
            #expect(line.metadata["reason"] == "bad_external_id")
            #expect(line.metadata.values.allSatisfy { $0.utf8.count < 500 })
        }
    }

    @Test("does no harm, and neither do ten thousand random ones")
    func noise() async throws {
        try await BridgeFixture.run { fixture in
            let good = try await fixture.addDevice("good", type: "climate")
            try await fixture.addDevice("noisy")
            let device = try await fixture.play("good")
            try await device.shakeHands()
            let client = try await fixture.client()
            var noise = MessageNoise(seed: 0x5EED_0002)
            for round in 0..<10 {
                try await client.publish(
                    (0..<1_000).map { _ in
                        let (topic, payload) = noise.next()
                        return MQTTMessage(topic: topic, payload: payload)
                    }
                )
                let json = #"{"temperature":\#(round)}"#
                try await device.say("state", PlayedDevice.dated(json, round, after: fixture.yesterday))
            }
            try await fixture.settle()
            #expect(fixture.state(of: good.id) == ["temperature": 9])
            #expect(try await fixture.readings(of: good.id, "temperature").map(\.value) == (0..<10).map(Double.init))
            #expect(fixture.device(good.id)?.status == .online)
            #expect(Set(fixture.hub.devices().map(\.name)) == ["good", "noisy", "barrier"])
            #expect(fixture.metric("station_mqtt_connections_total") == 1)
            #expect(fixture.health[.mqtt]?.status == .ok && fixture.health[.store]?.status == .ok)
            // The noise was of every kind.
            let reasons = Set(fixture.rejections.keys)
            let all = Set(MessageRejection.Reason.allCases.map(\.rawValue)).subtracting(["overflow"])
            #expect(reasons.isSuperset(of: all), "only \(reasons)")
            #expect(!client.messages.contains { $0.topic.hasSuffix("command") })
        }
    }
}
