import StationCore
import StationData
import StationTestSupport
import Testing

@testable import CloudLink

@Suite("What the cloud can call")
struct RPCMethodTests {
    @Test("device.command reaches the device as a command of a person's does")
    func command() async throws {
        try await CloudBench.run { bench in
            let lamp = try await bench.add("Lamp", type: "light")
            let answer = try await bench.call(
                "device.command", ["deviceId": .string("\(lamp.id)"), "command": ["action": "turn_on"]]
            )
            #expect(answer["result"] == ["status": "ok"])
            #expect(bench.channel.sent.value.map(\.body) == [["action": "turn_on"]])
        }
    }

    @Test(
        "device.command says what is wrong",
        arguments: [
            (#"{"deviceId":"LAMP","command":{"action":"explode"}}"#, -32602),
            (#"{"deviceId":"LAMP","command":{"action":"set_brightness","brightness":1000}}"#, -32602),
            (#"{"deviceId":"LAMP","command":{}}"#, -32602),
            (#"{"deviceId":"LAMP","command":"turn_on"}"#, -32602),
            (#"{"deviceId":"LAMP"}"#, -32602),
            (#"{"command":{"action":"turn_on"}}"#, -32602),
            (#"{"deviceId":5,"command":{"action":"turn_on"}}"#, -32602),
            (#"["LAMP",{"action":"turn_on"}]"#, -32602),
            (#"[]"#, -32602),
            (#"null"#, -32602),
            (#"{"deviceId":"lamp-1","command":{"action":"turn_on"}}"#, -32001),
            (#"{"deviceId":"019f0000-0000-7000-8000-000000000000","command":{"action":"turn_on"}}"#, -32001),
        ]
    )
    func commandFaults(params: String, code: Int) async throws {
        try await CloudBench.run { bench in
            let lamp = try await bench.add("Lamp", type: "light")
            let params = try JSONValue.parse(params.replacing("LAMP", with: "\(lamp.id)"))
            let answer = try await bench.call("device.command", params)
            #expect(answer["error", "code"] == .integer(Int64(code)))
            #expect(bench.channel.sent.value == [])
        }
    }

    @Test("device.command says that the broker is away, and not where it is")
    func brokerAway() async throws {
        try await CloudBench.run { bench in
            let lamp = try await bench.add("Lamp", type: "light")
            bench.channel.refusal.withLock { $0 = .brokerUnavailable("mqtt://user:secret@broker") }
            let answer = try await bench.call(
                "device.command", ["deviceId": .string("\(lamp.id)"), "command": ["action": "turn_on"]]
            )
            #expect(answer["error", "code"] == -32002)
            #expect(!answer.description.contains("secret"))
        }
    }

    @Test("devices.snapshot and device_types.list are what the HTTP API shows", arguments: ["", "[]", "{}", "null"])
    func lists(params: String) async throws {
        try await CloudBench.run { bench in
            let lamp = try await bench.add("Lamp", type: "light")
            await bench.hear(["on": true], from: lamp)
            let params = params.isEmpty ? nil : try JSONValue.parse(params)
            let devices = try await bench.call("devices.snapshot", params)
            let device = try #require(bench.hub.device(lamp.id))
            #expect(devices["result"] == ["devices": [device.json]])
            #expect(devices["result", "devices"]?.arrayValue?.first?["lastKnownState"] == ["on": true])
            let types = try await bench.call("device_types.list", params)
            #expect(types["result"] == ["deviceTypes": .array(bench.hub.registry.types.map(\.shape))])
        }
    }

    @Test("station.setActiveChannels is kept in the store")
    func channels() async throws {
        try await CloudBench.run { bench in
            #expect(bench.hub.cloudChannels == [.state, .status, .device, .alert])
            let answer = try await bench.call("station.setActiveChannels", ["channels": ["event", "alert", "event"]])
            #expect(answer["result"] == ["ok": true])
            #expect(bench.hub.cloudChannels == [.event, .alert])
            let again = try await bench.openAgain()
            #expect(again.cloudChannels == [.event, .alert])
            #expect(try await bench.call("station.setActiveChannels", ["channels": []])["result"] == ["ok": true])
            #expect(bench.hub.cloudChannels == [])
        }
    }

    @Test(
        "station.setActiveChannels changes nothing when a channel is not known",
        arguments: [
            #"{"channels":["state","weather"]}"#, #"{"channels":["State"]}"#, #"{"channels":[1]}"#,
            #"{"channels":"state"}"#, #"{"channels":{"state":true}}"#, #"{"channels":null}"#, "{}", "[]",
            #"[["state"]]"#, "null",
        ]
    )
    func channelFaults(params: String) async throws {
        try await CloudBench.run { bench in
            let answer = try await bench.call("station.setActiveChannels", try JSONValue.parse(params))
            #expect(answer["error", "code"] == -32602)
            #expect(bench.hub.cloudChannels == CloudChannel.usual)
        }
    }
}
