import LocalAPI
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Devices that ask for updates and report them")
struct DeviceUpdateTests {
    private static func path(
        _ device: Device, _ more: String = "&device_type=light&chip=esp32&current_version=0.1.9"
    )
        -> String
    {
        "/api/ota/check?device_id=\(device.id)\(more)"
    }

    @Test("A device is told of the newest version that is newer than its own: 0.1.10 after 0.1.9")
    func check() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addCaller("Lamp", type: "light")
            #expect(try await lamp.get(Self.path(lamp.device)).json == ["updateAvailable": false])
            _ = try await station.addFirmware("0.1.9")
            let newest = try await station.addFirmware("0.1.10", image: FakeImage(chip: .esp32, seed: 2))
            _ = try await station.addFirmware("0.2.0", type: "pir")
            _ = try await station.addFirmware("0.3.0", image: FakeImage(chip: .esp32c3))
            let answer = try await lamp.get(Self.path(lamp.device))
            #expect(
                try answer.json == [
                    "updateAvailable": true, "version": "0.1.10",
                    "downloadUrl": .string("\(station.publicURL)/firmware/esp32-light@0.1.10.bin"),
                    "firmwareId": .string(newest.id.description), "checksum": .string(newest.checksum.description),
                    "size": .integer(Int64(newest.size)),
                ]
            )
            // Under its name on the broker it is itself as well, and small letters are not another chip.
            let named = "/api/ota/check?device_id=\(lamp.device.externalID)&chip=ESP32&current_version=v0.1.9"
            #expect(try await lamp.get(named).json["version"] == "0.1.10")
            for version in ["0.1.10", "0.1.10%2Blocal", "0.1.11", "1"] {
                let current = "&device_type=light&chip=esp32&current_version=\(version)"
                #expect(try await lamp.get(Self.path(lamp.device, current)).json == ["updateAvailable": false])
            }
        }
    }

    @Test("What it does not say is taken from its handshake; what contradicts or is unknown gets nothing")
    func incomplete() async throws {
        try await LocalAPIFixture.run { station in
            _ = try await station.addFirmware("0.1.10")
            _ = try await station.addFirmware("0.1.10", type: "pir")
            let lamp = try await station.addCaller("Lamp")
            #expect(try await lamp.get(Self.path(lamp.device, "")).json == ["updateAvailable": false])
            await station.shakeHands(lamp.device, type: "light", firmware: "0.1.9", chip: "esp32")
            #expect(try await lamp.get(Self.path(lamp.device, "")).json["version"] == "0.1.10")
            for contradiction in ["&device_type=pir", "&chip=esp32s3", "&chip=avr"] {
                let json = try await lamp.get(Self.path(lamp.device, contradiction)).json
                #expect(json == ["updateAvailable": false], "\(contradiction)")
            }
            for (query, fault) in [
                ("?device_type=light", "query.device_id missing"),
                ("?device_id=\(lamp.device.id)&current_version=new", "query.current_version value_error"),
                ("?device_id=\(lamp.device.id)&deviceId=1", "query.deviceId extra_forbidden"),
            ] {
                #expect(try faults(try await lamp.get("/api/ota/check\(query)")) == [fault])
            }
        }
    }

    @Test(
        "Without its token a device is nobody, and with it nobody else", arguments: ["X-Device-Token", "Device-Token"])
    func tokens(header: String) async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addCaller("Lamp", type: "light")
            let other = try await station.addCaller("Other", type: "light")
            let firmware = try await station.addFirmware("0.1.10")
            let report = JSONValue.object([
                "deviceId": .string(lamp.device.id.description), "firmwareId": .string(firmware.id.description),
                "status": "failed",
            ])
            let calls: [(String, String, JSONValue?)] = [
                ("GET", Self.path(lamp.device), nil), ("POST", "/api/ota/report", report),
                ("POST", "/api/device/state", ["state": ["on": true]]),
                ("POST", "/api/device/events", ["event": "device_event"]),
            ]
            for (method, path, body) in calls {
                // Eight guesses in all; after ten nobody from this address would be listened to.
                for token in [nil, "wrong", String(lamp.token.revealed.dropLast())] {
                    let headers = token.map { [header: $0] } ?? [:]
                    let answer = try await station.stranger.send(
                        method, path, headers: headers, body: body?.serialized()
                    )
                    expectStatus(answer, 401)
                }
                expectStatus(try await station.agent.send(method, path, json: body), 401)
            }
            for (method, path, body) in calls.prefix(2) {
                let answer = try await station.stranger.send(
                    method, path, headers: [header: other.token.revealed], body: body?.serialized()
                )
                try expectError(answer, 403, "other_device")
                expectStatus(
                    try await station.stranger.send(
                        method, path, headers: [header: lamp.token.revealed], body: body?.serialized()
                    ), 200
                )
            }
        }
    }

    @Test("An update that was reported failed twice is not offered to that device again")
    func failedTwice() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addCaller("Lamp", type: "light")
            let other = try await station.addCaller("Other", type: "light")
            let firmware = try await station.addFirmware("0.1.10")
            for status in ["pending", "downloading", "installing", "failed", "downloading", "failed"] {
                #expect(try await lamp.get(Self.path(lamp.device)).json["updateAvailable"] == true, "\(status)")
                let answer = try await lamp.post(
                    "/api/ota/report",
                    json: [
                        "deviceId": .string(lamp.device.externalID.description),
                        "firmwareId": .string(firmware.id.description), "status": .string(status),
                        "error": status == "failed" ? "connection lost" : .null, "progress": 50,
                    ]
                )
                expectStatus(answer, 200)
            }
            #expect(try await lamp.get(Self.path(lamp.device)).json == ["updateAvailable": false])
            #expect(try await other.get(Self.path(other.device)).json["updateAvailable"] == true)
            var query = EventQuery()
            query.type = .ota
            let lines = try await station.hub.deviceEvents(query).entries.map(\.event.payload)
            #expect(
                lines.map { $0["status"]?.stringValue } == [
                    "failed", "downloading", "failed", "installing", "downloading", "pending",
                ])
            #expect(lines.first?["error"] == "connection lost")
        }
    }

    @Test("A report that is not understood is refused by its fields")
    func badReports() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addCaller("Lamp", type: "light")
            let id = JSONValue.string(lamp.device.id.description)
            let unknown = JSONValue.string(FirmwareID.make(at: Timestamp(milliseconds: 0)).description)
            let missing = try await lamp.post("/api/ota/report", json: [:])
            #expect(try faults(missing) == ["body.deviceId missing", "body.firmwareId missing", "body.status missing"])
            let wrong = try await lamp.post(
                "/api/ota/report", json: ["deviceId": id, "firmwareId": 5, "status": "exploded", "error": []]
            )
            #expect(
                try faults(wrong) == ["body.firmwareId type_error", "body.status value_error", "body.error type_error"]
            )
            let gone = try await lamp.post(
                "/api/ota/report", json: ["deviceId": id, "firmwareId": unknown, "status": "failed"]
            )
            try expectError(gone, 404, "firmware_not_found")
            let broken = try await lamp.send("POST", "/api/ota/report", body: Array("{".utf8))
            try expectError(broken, 400, "malformed_json")
        }
    }

    // MARK: What is otherwise said over MQTT

    @Test("State over HTTP is taken up as over MQTT, whatever the firmware calls its body")
    func state() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addCaller("Lamp", type: "light")
            let answer = try await lamp.post("/api/device/state", json: ["state": ["on": true, "brightness": 40]])
            expectStatus(answer, 202)
            let form = try await lamp.send(
                "POST", "/api/device/state", headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(#"{"state":{"brightness":null,"mode":"warm"},"timestamp":"2026-11-21T08:30:00Z"}"#.utf8)
            )
            expectStatus(form, 202)
            let heard = try #require(station.hub.device(lamp.device.id))
            #expect(heard.lastKnownState == ["on": true, "mode": "warm"])
            #expect(heard.status == .online && heard.lastSeenAt != nil)
        }
    }

    @Test("It does not change where the device is commanded")
    func address() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addCaller("Lamp", type: "light")
            await station.report(["on": false], from: lamp.device)
            let before = try #require(station.hub.device(lamp.device.id)?.address)
            expectStatus(try await lamp.post("/api/device/state", json: ["state": ["on": true]]), 202)
            #expect(station.hub.device(lamp.device.id)?.address == before)
        }
    }

    @Test("An event over HTTP stands in the feed")
    func event() async throws {
        try await LocalAPIFixture.run { station in
            let pir = try await station.addCaller("Pir", type: "pir")
            let answer = try await pir.post(
                "/api/device/events", json: ["event": "device_event", "data": ["action": "motion_detected"]]
            )
            expectStatus(answer, 202)
            var query = EventQuery()
            query.type = .deviceEvent
            let lines = try await station.hub.deviceEvents(query).entries
            #expect(lines.map(\.event.payload) == [["action": "motion_detected"]])
            #expect(lines.first?.event.deviceID == pir.device.id)
        }
    }

    @Test("What MQTT would drop, HTTP refuses")
    func badPayloads() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addCaller("Lamp", type: "light")
            for (path, json, fault) in [
                ("state", ["state": 5], "body.state type_error"), ("state", [:], "body.state type_error"),
                ("state", ["state": [:], "timestamp": "noon"], "body.timestamp type_error"),
                ("events", ["event": "boot"], "body.event type_error"),
                ("events", ["event": "user_event", "data": 1], "body.data type_error"),
            ] as [(String, JSONValue, String)] {
                let answer = try await lamp.post("/api/device/\(path)", json: json)
                expectStatus(answer, 422)
                #expect(try faults(answer) == [fault])
            }
            try expectError(try await lamp.post("/api/device/state", json: []), 400, "not_an_object")
            let long = String(repeating: "x", count: DeviceReport.maximumPayload)
            let tooLarge = try await lamp.post("/api/device/state", json: ["state": ["text": .string(long)]])
            try expectError(tooLarge, 413, "body_too_large")
            #expect(station.hub.device(lamp.device.id)?.lastKnownState.isEmpty == true)
        }
    }
}
