import Logging
import StationCore
import StationTestSupport
import Testing

@Suite("Commands")
struct CommandTests {
    private struct Surprise: Error {
        let secret = "internals nobody shall see"
    }

    @Test("A command reaches the device as it was sent, and is answered with its id")
    func sends() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addDevice("Lamp", type: "light")
            let answer = try await station.api.post(
                "/api/devices/\(lamp.id)/command", json: ["action": "set_brightness", "brightness": 75]
            )
            #expect(answer.status == 202)
            let command = try #require(station.desk.sent.first)
            #expect(command.body == ["action": "set_brightness", "brightness": 75])
            #expect(try answer.json == ["status": "sent", "commandId": .string(command.id.description)])
            let events = try await station.api.get("/api/device-events?type=command_sent").json.arrayValue
            #expect(events?.first?["payload", "commandId"] == .string(command.id.description))
        }
    }

    @Test(
        "What the type does not know is refused before anything is sent",
        arguments: [
            (["action": "explode"], "command_unknown"), (["action": "set_brightness"], "command_invalid"),
            (["action": "set_brightness", "brightness": 101], "command_invalid"),
            (["action": "set_brightness", "brightness": "75"], "command_invalid"), ([:], "command_invalid"),
            (["action": 7], "command_invalid"), (["action": ""], "command_invalid"),
        ] as [(JSONValue, String)]
    )
    func refusesUnknown(body: JSONValue, code: String) async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addDevice("Lamp", type: "light")
            let answer = try await station.api.post("/api/devices/\(lamp.id)/command", json: body)
            try expectError(answer, 400, code)
            #expect(station.desk.sent.isEmpty)
        }
    }

    @Test("Without the broker a command fails at once")
    func brokerAway() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addDevice("Lamp", type: "light")
            station.desk.behave(.refuses(CommandDeliveryError.brokerUnavailable("mqtt://u:pw@host refused")))
            let answer = try await station.api.post("/api/devices/\(lamp.id)/command", json: ["action": "toggle"])
            try expectError(answer, 503, "broker_unavailable")
            #expect(!answer.text.contains("pw"))
        }
    }

    @Test("A fault that nobody foresaw is told to the log, not to the caller")
    func surprise() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addDevice("Lamp", type: "light")
            station.desk.behave(.refuses(Surprise()))
            let answer = try await station.api.post("/api/devices/\(lamp.id)/command", json: ["action": "toggle"])
            try expectError(answer, 500, "internal")
            #expect(!answer.text.contains("internals"))
            let line = try #require(station.log.lines.first { $0.level == .error })
            #expect(line.metadata["error"]?.contains("internals nobody shall see") == true)
            #expect(line.metadata["request_id"] == answer["X-Request-Id"])
        }
    }
}
