import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A PlaceBrain device", .serialized, .timeLimit(.minutes(2)))
struct PlaceBrainTests {
    private static let topic = "placebrain/place-9/devices/valve"

    private static func run(_ body: (BridgeFixture, BrokerClient, Device) async throws -> Void) async throws {
        var setup = BridgeFixture.Setup()
        setup.settings = HubSettings(presence: PresenceRule(lastWillGrace: .zero))
        try await BridgeFixture.run(setup) { fixture in
            try await body(fixture, try await fixture.client(), try await fixture.addDevice("valve"))
        }
    }

    @Test("reports numbers and booleans; whatever else it says of a key is left out")
    func telemetry() async throws {
        try await Self.run { fixture, client, valve in
            let values = #"{"flow":1.5,"open":true,"name":"v","nothing":null,"list":[1],"map":{"a":1}}"#
            try await client.publish("\(Self.topic)/telemetry", Array(#"{"values":\#(values)}"#.utf8))
            try await eventually("it is taken up") {
                fixture.state(of: valve.id) == ["flow": .number(1.5), "open": true]
            }
            // A null says nothing here: the key stays.
            let next = #"{"values":{"flow":2,"open":null},"ts":"\#(fixture.yesterday)"}"#
            try await client.publish("\(Self.topic)/telemetry", Array(next.utf8))
            try await eventually("it is merged") { fixture.state(of: valve.id) == ["flow": 2, "open": true] }
            #expect(try await fixture.readings(of: valve.id, "flow").map(\.value) == [2, 1.5])
            #expect(fixture.device(valve.id)?.status == .online)
        }
    }

    @Test("dates its values in several ways; a bad date drops the message")
    func times() async throws {
        try await Self.run { fixture, client, valve in
            let now = SystemStationClock().wallTime.milliseconds / 1_000
            let wanted = (1...4).map { Timestamp(milliseconds: (now - 100 * Int64($0)) * 1_000) }
            let dates = [
                #""\#(wanted[0])""#, "\(wanted[1].milliseconds / 1_000)", "\(wanted[2].milliseconds)",
                #""\#(wanted[3].milliseconds / 1_000)""#,
            ]
            for (index, date) in dates.enumerated() {
                let json = #"{"values":{"flow":\#(index)},"ts":\#(date)}"#
                try await client.publish("\(Self.topic)/telemetry", Array(json.utf8))
            }
            for date in ["\"soon\"", "true", "-1"] {
                let json = #"{"values":{"flow":99},"ts":\#(date)}"#
                try await client.publish("\(Self.topic)/telemetry", Array(json.utf8))
            }
            try await fixture.settle()
            let readings = try await fixture.readings(of: valve.id, "flow")
            #expect(readings.map(\.value) == [3, 2, 1, 0])
            #expect(readings.map(\.time) == wanted.reversed())
            #expect(fixture.rejections == ["wrong_type": 3])
            #expect(fixture.state(of: valve.id) == ["flow": 3])
        }
    }

    @Test("is online and offline as it says")
    func status() async throws {
        try await Self.run { fixture, client, valve in
            try await client.publish("\(Self.topic)/status", Array(#"{"status":"online"}"#.utf8))
            try await eventually("it is online") { fixture.device(valve.id)?.status == .online }
            try await client.publish("\(Self.topic)/status", Array(#"{"status":"offline"}"#.utf8))
            try await fixture.settle()
            try await fixture.hub.judgePresence()
            #expect(fixture.device(valve.id)?.statusReason == .lastWill)
        }
    }

    @Test("is told actuator_key and value and not a word more, under the place it spoke from")
    func command() async throws {
        try await Self.run { fixture, client, valve in
            try await client.publish("\(Self.topic)/status", Array(#"{"status":"online"}"#.utf8))
            try await fixture.settle()
            let command = #"{"action":"set","value":"42.5","actuator_key":"flow","note":"never sent"}"#
            try await fixture.send(command, to: valve.id)
            try await eventually("the command comes") { !client.texts(on: "\(Self.topic)/command").isEmpty }
            #expect(client.texts(on: "\(Self.topic)/command") == [#"{"actuator_key":"flow","value":"42.5"}"#])
            let message = try #require(client.messages(on: "\(Self.topic)/command").first)
            #expect(message.qos == 1 && !message.isRetained)
        }
    }

    @Test("is told nothing when the command cannot be said in its words")
    func inexpressible() async throws {
        try await Self.run { fixture, client, valve in
            try await client.publish("\(Self.topic)/status", Array(#"{"status":"online"}"#.utf8))
            try await fixture.settle()
            let bad = [
                #"{"action":"reboot"}"#, #"{"action":"set","actuator_key":"flow"}"#,
                #"{"action":"set","actuator_key":"flow","value":42.5}"#, #"{"action":"set","value":"1"}"#,
            ]
            for json in bad {
                await #expect { try await fixture.send(json, to: valve.id) } throws: { error in
                    (error as? CommandRefusal)?.code == .notExpressible
                }
            }
            try await fixture.send(#"{"action":"set","actuator_key":"a","value":"b"}"#, to: valve.id)
            try await eventually("the good one comes") { !client.texts(on: "\(Self.topic)/command").isEmpty }
            #expect(client.texts(on: "\(Self.topic)/command") == [#"{"actuator_key":"a","value":"b"}"#])
            #expect(try await fixture.feed(of: valve.id, .commandSent).count == 1)
        }
    }

    @Test("that nobody knows is told nothing and counted")
    func stranger() async throws {
        try await Self.run { fixture, client, _ in
            for suffix in ["status", "telemetry"] {
                try await client.publish(
                    "placebrain/place-9/devices/stranger/\(suffix)", Array(#"{"status":"online","values":{}}"#.utf8)
                )
            }
            try await fixture.settle()
            #expect(fixture.rejections == ["unknown_device": 2])
            #expect(client.messages.allSatisfy { !$0.topic.hasPrefix("placebrain/") })
        }
    }
}
