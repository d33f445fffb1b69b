import Foundation
import LocalAPI
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Firmware by an agent on the station")
struct FirmwareAgentTests {
    private static let ready: JSONValue = ["type": "light", "version": "0.1.33", "file": "light.bin"]

    /// Lays an image into the firmware directory as the agent does.
    private static func put(_ image: FakeImage, in station: LocalAPIFixture) throws {
        let directory = station.firmware.directory.path
        try Data(image.bytes).write(to: URL(filePath: directory + "/light.bin"))
        let manifest: JSONValue = [
            "esp32-light": [
                "version": "0.1.33", "file": "light.bin", "checksum": .string(try image.checksum.description),
            ]
        ]
        try Data(manifest.serialized()).write(to: URL(filePath: directory + "/manifest.json"))
    }

    @Test("It learns what devices there are, and which versions the station has for them")
    func types() async throws {
        try await LocalAPIFixture.run { station in
            #expect(try await station.agent.get("/api/ota/device-types").json == [])
            for (name, type, chip) in [
                ("One", "light", "esp32"), ("Two", "light", "ESP32"), ("Three", "light", "esp32-c3"),
                ("Four", "pir", "esp8266"),
            ] {
                let (device, _) = try await station.hub.addDevice(NewDevice(name: name))
                await station.shakeHands(device, type: type, firmware: "0.1.0", chip: chip)
            }
            _ = try await station.hub.addDevice(NewDevice(name: "Untold"))
            _ = try await station.addFirmware("0.1.9")
            _ = try await station.addFirmware("0.1.10", image: FakeImage(chip: .esp32, seed: 2))
            _ = try await station.addFirmware("1.0", type: "climate")
            let kinds = try #require(try await station.agent.get("/api/ota/device-types").json.arrayValue)
            #expect(
                kinds == [
                    [
                        "type": "climate", "chip": "esp32", "devices": 0, "cachedVersion": "1.0",
                        "cachedVersions": ["1.0"],
                    ],
                    [
                        "type": "light", "chip": "esp32", "devices": 2, "cachedVersion": "0.1.10",
                        "cachedVersions": ["0.1.10", "0.1.9"],
                    ],
                    [
                        "type": "light", "chip": "esp32-c3", "devices": 1, "cachedVersion": .null,
                        "cachedVersions": [],
                    ],
                    ["type": "pir", "chip": .null, "devices": 1, "cachedVersion": .null, "cachedVersions": []],
                ]
            )
        }
    }

    @Test("What is ready is registered and offered to the devices for which it is an update and that are online")
    func ready() async throws {
        try await LocalAPIFixture.run { station in
            let image = FakeImage(chip: .esp32, size: 100_000)
            try Self.put(image, in: station)
            var online: [Device] = []
            for (name, type, version) in [
                ("One", "light", "0.1.32"), ("Two", "light", "0.1.9"), ("Newer", "light", "0.1.40"),
                ("Pir", "pir", "0.1.0"),
            ] {
                let (device, _) = try await station.hub.addDevice(NewDevice(name: name))
                await station.shakeHands(device, type: type, firmware: version, chip: "esp32")
                online.append(device)
            }
            _ = try await station.hub.addDevice(NewDevice(name: "Never seen", type: "light"))
            let answer = try await station.agent.post("/api/ota/firmware-ready", json: Self.ready)
            expectStatus(answer, 200)
            #expect(try answer.json["offered"] == 2)
            let url = "\(station.publicURL)/firmware/light.bin"
            #expect(try answer.json["firmware"]?["url"] == .string(url))
            let id = try #require(try answer.json["firmware"]?["id"]?.stringValue)
            try await eventually("both are told") { station.desk.sent.count == 2 }
            for command in station.desk.sent {
                #expect(
                    command.body == [
                        "action": "ota_update", "url": .string(url), "version": "0.1.33", "firmware_id": .string(id),
                    ]
                )
            }
            #expect(try await station.stranger.get("/firmware/light.bin").body == image.bytes)
            var query = EventQuery()
            query.type = .ota
            try await eventually("both offers stand in the feed") {
                Set(try await station.hub.deviceEvents(query).entries.map(\.event.deviceID))
                    == Set(online.prefix(2).map(\.id))
            }
        }
    }

    @Test("A broker that is away fails no request, and saying it again offers again")
    func brokerAway() async throws {
        try await LocalAPIFixture.run { station in
            try Self.put(FakeImage(chip: .esp32), in: station)
            let (device, _) = try await station.hub.addDevice(NewDevice(name: "Lamp"))
            await station.shakeHands(device, type: "light", firmware: "0.1.9", chip: "esp32")
            station.desk.behave(.refuses(CommandDeliveryError.brokerUnavailable("away")))
            expectStatus(try await station.agent.post("/api/ota/firmware-ready", json: Self.ready), 200)
            try await eventually("the failure is in the log") {
                station.log.text.contains("a device could not be told of an update")
            }
            station.desk.behave(.takes)
            let again = try await station.agent.post("/api/ota/firmware-ready", json: Self.ready)
            #expect(try again.json["offered"] == 1)
            try await eventually("it is told") { station.desk.sent.count == 1 }
        }
    }

    @Test("An image that was uploaded can be offered as well")
    func uploaded() async throws {
        try await LocalAPIFixture.run { station in
            let firmware = try await station.addFirmware("0.1.33")
            let answer = try await station.agent.post(
                "/api/ota/firmware-ready",
                json: ["type": "light", "version": "0.1.33", "file": .string(firmware.file.description)]
            )
            expectStatus(answer, 200)
            #expect(try answer.json["firmware"]?["id"] == .string(firmware.id.description))
        }
    }

    @Test("What does not agree with the manifest is refused and given to nobody")
    func refusals() async throws {
        try await LocalAPIFixture.run { station in
            func expect(_ status: Int, _ code: String, _ json: JSONValue = Self.ready) async throws {
                try expectError(try await station.agent.post("/api/ota/firmware-ready", json: json), status, code)
            }
            try await expect(404, "firmware_file_not_found")
            try Self.put(FakeImage(chip: .esp32), in: station)
            try await expect(
                422, "firmware_manifest_invalid", ["type": "light", "version": "0.1.34", "file": "light.bin"]
            )
            try await expect(
                422, "firmware_manifest_invalid", ["type": "light", "version": "0.1.33", "file": "other.bin"]
            )
            let other = FakeImage(chip: .esp32, seed: 3).bytes
            try Data(other).write(to: URL(filePath: station.firmware.directory.path + "/light.bin"))
            try await expect(422, "firmware_checksum_mismatch")
            let fields = try await station.agent.post(
                "/api/ota/firmware-ready", json: ["type": "a/b", "version": "x", "file": "../secrets.json", "more": 1]
            )
            #expect(
                try faults(fields) == [
                    "body.type value_error", "body.version value_error", "body.file value_error",
                    "body.more extra_forbidden",
                ]
            )
            #expect(try await station.hub.firmwares().isEmpty)
            expectStatus(try await station.stranger.get("/firmware/light.bin"), 404)
        }
    }

    @Test("Only the agent is asked and listened to")
    func strangers() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addCaller("Lamp")
            expectStatus(try await station.stranger.get("/api/ota/device-types"), 401)
            expectStatus(try await station.stranger.post("/api/ota/firmware-ready", json: Self.ready), 401)
            expectStatus(try await lamp.get("/api/ota/device-types"), 401)
            expectStatus(try await lamp.post("/api/ota/firmware-ready", json: Self.ready), 401)
        }
    }
}
