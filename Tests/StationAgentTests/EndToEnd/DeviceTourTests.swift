import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("A tour with devices")
struct DeviceTourTests {
    private static let ok = #"{"status":"ok"}"#
    private static let unknown = #"{"status":"unknown_device"}"#

    @Test("a device added beside the running daemon is greeted, a stranger is told unknown_device")
    func handshakes() async throws {
        try await AgentProcess.run { agent in
            let id = try await agent.addDevice("kitchen-1")
            let device = try await agent.play("kitchen-1")
            let stranger = try await agent.play("stranger")
            #expect(try await device.shakeHands() == Self.ok)
            #expect(try await stranger.shakeHands() == Self.unknown)
            let shown = try await agent.device(id)
            #expect(shown["status"] == "online")
            #expect(shown["statusReason"] == .null)
            #expect(shown["type"] == "climate")
            #expect(shown["firmwareVersion"] == "0.1.32")
            #expect(shown["chip"] == "esp32")
            #expect(shown["kitTag"] == "k-1")
            #expect(try await agent.devices().keys.sorted() == ["kitchen-1"])
        }
    }

    @Test("what a device reports is readable at once, survives a restart, and the device is offline until it is heard")
    func restart() async throws {
        try await AgentProcess.run { agent in
            let id = try await agent.addDevice("kitchen-1")
            let device = try await agent.play("kitchen-1")
            try await device.shakeHands()
            try await device.say("state", #"{"state":{"temperature":23.5,"humidity":60,"mood":"good"}}"#)
            try await eventually("the state is readable") {
                try await agent.state(of: id, "temperature")?.doubleValue == 23.5
            }
            #expect(try await agent.readings(of: id, "temperature") == [23.5])
            #expect(try await agent.readings(of: id, "humidity") == [60])

            #expect(try await agent.stop() == 0)
            try await agent.start()
            var shown = try await agent.device(id)
            #expect(shown["lastKnownState"] == ["temperature": .number(23.5), "humidity": 60, "mood": "good"])
            #expect(shown["status"] == "offline")
            #expect(shown["statusReason"] == "agent_started")
            #expect(try await agent.readings(of: id, "temperature") == [23.5])

            try await device.say("state", #"{"state":{"temperature":24}}"#)
            try await eventually("the device is online") { try await agent.device(id)["status"] == "online" }
            shown = try await agent.device(id)
            #expect(shown["lastKnownState"] == ["temperature": 24, "humidity": 60, "mood": "good"])
            #expect(shown["statusReason"] == .null)
            #expect(try await agent.readings(of: id, "temperature") == [23.5, 24])
            let statuses = try await agent.feed(of: id, "status_changed").reversed().map { $0["status"] }
            #expect(statuses == ["online", "offline", "online"])
        }
    }

    @Test("device list, show and token do what they say, with the daemon or without")
    func commandLine() async throws {
        try await AgentProcess.run { agent in
            #expect(try await agent.successfully("device", "list").contains("no device yet"))
            let added = try await agent.successfully(
                "device", "add", "--name", "Küche oben", "--external-id", "kitchen-1", "--type", "light"
            )
            #expect(added.contains("external id:  kitchen-1"))
            let table = try await agent.successfully("device", "list").split(separator: "\n")
            #expect(table.count == 2)
            #expect(table.last?.contains("kitchen-1") == true && table.last?.contains("Küche oben") == true)
            let list = try JSONValue.parse(try await agent.successfully("device", "list", "--json"))
            #expect(list.arrayValue?.count == 1)
            let id = try #require(list.arrayValue?.first?["id"]?.stringValue)
            #expect(
                try await agent.successfully("device", "show", "kitchen-1").contains("name: Küche oben\ntype: light\n"))
            #expect(try await agent.successfully("device", "show", id).contains("externalId: kitchen-1\n"))

            let hash = "SELECT hex(token_hash) FROM devices"
            let first = try await agent.store.run(hash)
            let token = try await agent.successfully("device", "token", "kitchen-1")
            #expect(token.utf8.count == 44, "43 characters and the line's end")
            #expect(try await agent.store.run(hash) != first)
            #expect(try await agent.successfully("device", "token", id) != token)

            try await agent.stop()
            #expect(try await agent.successfully("device", "list").contains("kitchen-1"))
            for arguments in [
                ["device", "show", "nobody"], ["device", "token", "nobody"], ["device", "remove", "nobody"],
            ] {
                let outcome = try await agent.command(arguments)
                #expect(outcome.code == 1)
                #expect(outcome.errors == "station-agent: There is no device “nobody”.\n")
            }
            let twice = try await agent.command(["device", "add", "--name", "x", "--external-id", "kitchen-1"])
            #expect(twice.code == 1)
            #expect(twice.errors.contains("“Küche oben” has the external id “kitchen-1” already"))
        }
    }

    @Test("a device removed with the command line is gone at once and for good, and hears nothing")
    func removal() async throws {
        try await AgentProcess.run { agent in
            let id = try await agent.addDevice("old")
            try await agent.addDevice("other")
            let (old, other) = (try await agent.play("old"), try await agent.play("other"))
            try await old.shakeHands()
            let greetings = old.answers
            try await old.report("temperature", 1)
            try await eventually("it is heard") { try await agent.state(of: id, "temperature") == 1 }

            #expect(try await agent.successfully("device", "remove", "old") == "Removed “old” (old).\n")
            // Before the daemon has noticed: whatever the device says now must not bring it back.
            try await old.say("handshake", PlayedDevice.handshake)
            try await old.report("temperature", 2)
            try await old.say("event", #"{"event":"device_event","data":{"action":"late"}}"#)
            try await eventually("the daemon has noticed") {
                try await agent.api.get("/api/devices/\(id)").status == 404
            }
            #expect(try await agent.api.get("/api/devices/\(id)").errorCode == "device_not_found")
            try await old.say("handshake", PlayedDevice.handshake)
            // The second answer comes after everything that was said to `old` before.
            try await other.shakeHands()
            try await other.shakeHands()
            #expect(old.answers == greetings)
            #expect(try await agent.devices().keys.sorted() == ["other"])

            #expect(try await agent.stop() == 0)
            #expect(
                try await agent.store.run("SELECT status, last_known_state FROM devices WHERE id = '\(id)'") == [
                    "revoked|{}"
                ])
            #expect(try await agent.store.number("SELECT count(*) FROM device_events WHERE device_id = '\(id)'") == 0)
            #expect(try await agent.store.number("SELECT count(*) FROM readings WHERE device_id = '\(id)'") == 0)
            try await agent.start()
            try await old.say("handshake", PlayedDevice.handshake)
            try await other.shakeHands()
            try await other.shakeHands()
            #expect(old.answers == greetings)
        }
    }

    @Test("a command reaches the device exactly once and as it was given, unless its type does not know it")
    func commands() async throws {
        try await AgentProcess.run { agent in
            let lamp = try await agent.addDevice("lamp", type: "light")
            let other = try await agent.addDevice("other")
            let (playedLamp, playedOther) = (try await agent.play("lamp"), try await agent.play("other"))
            try await playedLamp.shakeHands(#"{"type":"light"}"#)
            try await playedOther.shakeHands("{}")

            let unknown = try await agent.send(["action": "explode"], to: lamp)
            #expect(unknown.status == 400)
            #expect(try unknown.errorCode == "command_unknown")
            let wrong = try await agent.send(["action": "set_brightness", "brightness": 400], to: lamp)
            #expect(wrong.status == 400)
            #expect(try wrong.errorCode == "command_invalid")

            let right: JSONValue = ["action": "set_brightness", "brightness": 75]
            let sent = try await agent.send(right, to: lamp)
            #expect(sent.status == 202)
            #expect(try sent.json["status"] == "sent")
            let commandID = try #require(try sent.json["commandId"])
            let last: JSONValue = ["action": "turn_off"]
            #expect(try await agent.send(last, to: lamp).status == 202)
            try await eventually("the last command arrives") { try playedLamp.commands.last == last }
            #expect(try playedLamp.commands == [right, last])
            let feed = try await agent.feed(of: lamp, "command_sent")
            #expect(feed.map { $0["command"] } == [last, right])
            #expect(feed.last?["commandId"] == commandID)

            let rich: JSONValue = ["action": "scene", "colors": [1, .number(2.5), .null, ["deep": "é💡"]], "on": true]
            #expect(try await agent.send(rich, to: other).status == 202)
            #expect(try await agent.send(last, to: other).status == 202)
            try await eventually("the last command arrives") { try playedOther.commands.last == last }
            #expect(try playedOther.commands == [rich, last])
        }
    }
}
