import MQTTBridge
import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A device at an enforcing broker", .timeLimit(.minutes(5)))
struct DeviceConfinementTests {
    private static let own = [
        "station/s-1/device/lamp/handshake/ack", "station/s-1/device/lamp/command", "station/+/device/lamp/command",
        "placebrain/p-1/devices/lamp/command",
    ]
    private static let others = [
        "station/s-1/device/door/command", "station/s-1/device/door/handshake/ack", "station/s-1/device/+/command",
        "station/+/device/+/command", "station/#", "#", "+/#", "/#", "$SYS/#", "$SYS/broker/log/N", "$CONTROL/#",
        "$CONTROL/dynamic-security/v1/response", "$share/g/station/s-1/device/door/command",
        "$share/g/station/s-1/device/lamp/command", "station/s-1/device/lamp/#", "station/s-1/device/lamp/state",
        "placebrain/p-1/devices/door/command", "placebrain/#", "placebrain/p-1/alerts",
    ]

    @Test("Subscribes to its own topics, and is refused all others in the answer to its subscription")
    func subscriptions() async throws {
        try await EnforcedStation.run { station in
            let token = try await station.addDevice("lamp")
            _ = try await station.addDevice("door")
            let lamp = try await station.connect("lamp", token)
            let own = try await lamp.granted(Self.own)
            #expect(own == Self.own)
            let others = try await lamp.granted(Self.others)
            #expect(others == [])
        }
    }

    private static let sayable =
        ["handshake", "state", "event", "heartbeat", "reply"].map { "station/s-1/device/lamp/\($0)" }
        + ["telemetry", "status"].map { "placebrain/p-1/devices/lamp/\($0)" }
    private static let unsayable =
        ["handshake", "state", "event", "heartbeat", "reply", "command"].map { "station/s-1/device/door/\($0)" }
        + ["command", "handshake/ack", "other", "state/deeper"].map { "station/s-1/device/lamp/\($0)" }
        + ["placebrain/p-1/devices/door/telemetry", "placebrain/p-1/alerts", "free", "station/s-1/bridge/ping"]
        + ["$CONTROL/dynamic-security/v1"]

    @Test("Publishes what is its own to say; all else is seen by nobody")
    func publications() async throws {
        try await EnforcedStation.run { station in
            let token = try await station.addDevice("lamp")
            _ = try await station.addDevice("door")
            let witness = try await station.witness("#")
            let lamp = try await station.connect("lamp", token)
            try await lamp.publishAll(Self.unsayable + Self.sayable)
            try await eventually("the last of what is allowed has come") { Self.hasAll(witness) }
            let said = Self.said(witness)
            #expect(said == Self.sayable)
        }
    }

    private static func hasAll(_ witness: EnforcedClient) -> Bool {
        Set(witness.topics).isSuperset(of: self.sayable)
    }

    /// What devices have said; the station's answers to handshakes are none of it.
    private static func said(_ witness: EnforcedClient) -> [String] {
        witness.topics.filter { topic in
            (topic.contains("lamp") || topic.contains("door") || topic == "free")
                && topic != "station/s-1/device/lamp/handshake/ack"
        }
    }

    @Test("Hears what the station says to it, under both of its names")
    func commands() async throws {
        try await EnforcedStation.run { station in
            let token = try await station.addDevice("lamp")
            let id = try station.id("lamp")
            let lamp = try await station.connect("lamp", token)
            let alias = try await station.connect("device:\(id)", token)
            let topic = "station/\(BridgeFixture.station)/device/lamp/command"
            let granted = try await [lamp.maySubscribe(to: topic), alias.maySubscribe(to: topic)]
            #expect(granted == [true, true])
            try await station.fixture.send(#"{"action":"reboot"}"#, to: id)
            try await eventually("both hear it") { lamp.topics == [topic] && alias.topics == [topic] }
        }
    }

    @Test("Gets in with its own token and client id only")
    func logins() async throws {
        try await EnforcedStation.run { station in
            let lamp = try await station.addDevice("lamp")
            let door = try await station.addDevice("door")
            let id = try station.id("lamp")
            let outcomes = try await [
                station.canConnect("lamp", lamp), station.canConnect("device:\(id)", lamp),
                station.canConnect("lamp", door), station.canConnect("lamp", nil),
                station.canConnect("lamp", Secret("")), station.canConnect("lamp", lamp, clientID: "door"),
                station.canConnect("lamp", lamp, clientID: "device:\(id)"), station.canConnect("nobody", lamp),
                station.canConnect(nil, nil), station.canConnect(nil, nil, clientID: "lamp"),
                station.canConnect("station-agent", lamp), station.canConnect("admin", lamp),
            ]
            #expect(outcomes == [true, true] + Array(repeating: false, count: 10))
        }
    }

    @Test("Leaves no last will in another's name, and takes over nobody's connection")
    func lastWill() async throws {
        try await EnforcedStation.run { station in
            let token = try await station.addDevice("lamp")
            let doorToken = try await station.addDevice("door")
            let witness = try await station.witness("station/s-1/device/#")
            let door = try await station.connect("door", doorToken)
            let will = MQTTMessage(topic: "station/s-1/device/door/heartbeat", payload: Array("offline".utf8))
            let lamp = try? await station.connect("lamp", token, lastWill: will)
            await lamp?.connection.abort()
            let other = try await station.connect("device:\(station.id("lamp"))", token)
            try await other.publish("station/s-1/device/lamp/event")
            try await eventually("what came after has come") { !witness.topics.isEmpty }
            #expect(!witness.topics.contains(will.topic))
            _ = try? await station.connect("lamp", token, clientID: "door")
            let isThere = await door.isConnected
            #expect(isThere)
        }
    }
}
