import MQTTBridge
import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A command", .serialized, .timeLimit(.minutes(2)))
struct CommandTests {
    @Test("reaches the device byte for byte, in order, once each, with QoS 1 and not retained")
    func bytes() async throws {
        let texts = [
            #"{"action":"set_brightness","brightness":75}"#, #"{"brightness":0.5,"action":"set_brightness"}"#,
            #"{"action":"reboot"}"#, #"{"action":"factory_reset"}"#,
            #"{"action":"ota_update","url":"http://10.0.0.2/firmware/esp32-light@0.1.33.bin","version":"0.1.33","#
                + #""firmware_id":"019aa3c1-0000-7000-8000-000000000001"}"#,
            #"{"action":"wifi_update","ssid":"Ünter’m Dach 💡","password":"p\"a\\s\ns"}"#,
            #"{"action":"anything","a":null,"b":[1,-2.25,true,{"c":{}}],"d":9007199254740993}"#,
        ]
        try await BridgeFixture.run { fixture in
            let thing = try await fixture.addDevice("thing")
            let device = try await fixture.play("thing")
            for text in texts { try await fixture.send(text, to: thing.id) }
            for number in 0..<100 { try await fixture.send(#"{"action":"count","number":\#(number)}"#, to: thing.id) }
            let all = texts + (0..<100).map { #"{"action":"count","number":\#($0)}"# }
            try await eventually("all commands come") { device.commands.count >= all.count }
            try await fixture.settle()
            #expect(device.commands == all)
            #expect(device.client.messages(on: device.topic("command")).allSatisfy { $0.qos == 1 && !$0.isRetained })

            let late = try await fixture.play("thing")
            let barrier = try await fixture.play("barrier", by: late.client)
            try await barrier.shakeHands("{}")
            #expect(late.commands.isEmpty)
        }
    }

    @Test("is on record and announced once the broker has it, without the password it carries")
    func recorded() async throws {
        try await BridgeFixture.run { fixture in
            let thing = try await fixture.addDevice("thing")
            try await fixture.send(#"{"action":"wifi_update","ssid":"home","password":"secret"}"#, to: thing.id)
            let line = try #require(try await fixture.feed(of: thing.id, .commandSent).first)
            #expect(line["command"]?.objectValue?["action"] == "wifi_update")
            #expect(!"\(JSONValue.object(line))".contains("secret"))
            try await eventually("it is announced") {
                fixture.events.of(thing.id).contains { event in
                    if case .deviceCommand = event { true } else { false }
                }
            }
        }
    }

    @Test(
        "that the device cannot obey is refused and nothing is published",
        arguments: [
            #"{"action":"set_brightness"}"#, #"{"action":"set_brightness","brightness":101}"#,
            #"{"action":"set_brightness","brightness":"75"}"#, #"{"action":"open"}"#, #"{"action":""}"#, "{}",
            #"{"action":"ota_update","url":"http://x"}"#,
        ]
    )
    func refused(json: String) async throws {
        try await BridgeFixture.run { fixture in
            let lamp = try await fixture.addDevice("lamp", type: "light")
            let device = try await fixture.play("lamp")
            await #expect(throws: CommandRefusal.self) { try await fixture.send(json, to: lamp.id) }
            try await fixture.send(#"{"action":"toggle"}"#, to: lamp.id)
            try await eventually("the good command comes") { !device.commands.isEmpty }
            #expect(device.commands == [#"{"action":"toggle"}"#])
        }
    }

    @Test("goes to the station id that the device used last, and to the station's own if it was never heard")
    func address() async throws {
        try await BridgeFixture.run { fixture in
            let lamp = try await fixture.addDevice("lamp")
            let own = try await fixture.play("lamp")
            let old = own.moved(to: "an-older-id")
            let oldest = own.moved(to: "the-oldest-id")

            try await fixture.send(#"{"action":"a1"}"#, to: lamp.id)
            try await old.shakeHands("{}")
            try await fixture.send(#"{"action":"a2"}"#, to: lamp.id)
            // Any message counts, not only a handshake.
            try await oldest.say("heartbeat", PlayedDevice.online)
            try await fixture.settle()
            try await fixture.send(#"{"action":"a3"}"#, to: lamp.id)
            // But neither a last will nor what is dropped.
            try await own.say("heartbeat", PlayedDevice.offline)
            try await own.say("state", "{}")
            try await fixture.settle()
            try await fixture.send(#"{"action":"a4"}"#, to: lamp.id)
            try await own.say("state", #"{"state":{}}"#)
            try await fixture.settle()
            try await fixture.send(#"{"action":"a5"}"#, to: lamp.id)

            try await eventually("all commands come") {
                own.commands.count + old.commands.count + oldest.commands.count >= 5
            }
            #expect(own.commands == [#"{"action":"a1"}"#, #"{"action":"a5"}"#])
            #expect(old.commands == [#"{"action":"a2"}"#])
            #expect(oldest.commands == [#"{"action":"a3"}"#, #"{"action":"a4"}"#])
        }
    }

    @Test("still goes there after a restart")
    func addressAfterRestart() async throws {
        try await TemporaryDirectory.run { directory in
            for isRestarted in [false, true] {
                var setup = BridgeFixture.Setup()
                setup.database = try StationDatabase.open(path: directory.path("station.sqlite"))
                try await BridgeFixture.run(setup) { fixture in
                    let device = try await fixture.play("lamp", scope: "an-older-id")
                    if !isRestarted {
                        try await fixture.addDevice("lamp")
                        try await device.say("heartbeat", PlayedDevice.online)
                        try await fixture.settle()
                        try await fixture.hub.flushEverything()
                        return
                    }
                    let lamp = try #require(ExternalID("lamp").flatMap { fixture.hub.device(named: $0) })
                    try await fixture.send(#"{"action":"reboot"}"#, to: lamp.id)
                    try await eventually("the command comes") { device.commands == [#"{"action":"reboot"}"#] }
                }
                try setup.database?.close()
            }
        }
    }

    @Test("for a device whose dialect nobody speaks any more is refused")
    func unknownDialect() async throws {
        try await BridgeFixture.run { fixture in
            let id = CommandID.make(at: ManualClock.usualWallTime)
            let command = try DeviceCommand(id: id, body: ["action": "reboot"])
            let name = try #require(ExternalID("lamp"))
            let address = DeviceAddress(dialect: DialectID("carrier-pigeon"), scope: "s-1")
            await #expect {
                try await fixture.bridge.send(command, to: CommandTarget(externalID: name, address: address))
            } throws: { error in
                (error as? CommandRefusal)?.code == .notExpressible
            }
        }
    }
}
