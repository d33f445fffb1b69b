import StationCore
import StationData
import StationTestSupport
import Testing

@testable import LocalAPI

/// No device is told to download while a new one is provisioned over Bluetooth (contract 5).
@Suite("Firmware while the radio is to be left alone")
struct FirmwareQuietTests {
    private static func addLight(_ name: String, to station: LocalAPIFixture) async throws {
        let (device, _) = try await station.hub.addDevice(NewDevice(name: name))
        await station.shakeHands(device, type: "light", firmware: "0.1.9", chip: "esp32")
    }

    /// Puts an image into the library and says that it is ready.
    ///
    /// - Returns: How many devices it is offered to.
    private static func announce(_ version: String, seed: UInt64, _ station: LocalAPIFixture) async throws -> JSONValue
    {
        let firmware = try await station.addFirmware(version, image: FakeImage(chip: .esp32, seed: seed))
        let answer = try await station.agent.post(
            "/api/ota/firmware-ready",
            json: ["type": "light", "version": .string(version), "file": .string(firmware.file.description)]
        )
        expectStatus(answer, 200)
        return try answer.json["offered"] ?? .null
    }

    /// Gives what might be told in the background the time of many requests.
    private static func linger(_ station: LocalAPIFixture) async throws {
        for _ in 0..<20 { expectStatus(try await station.agent.get("/api/ota/device-types"), 200) }
    }

    private static func versions(_ station: LocalAPIFixture) -> [String] {
        station.desk.sent.compactMap { $0.body["version"]?.stringValue }
    }

    @Test("An offer of that time is handed out after it, once")
    func once() async throws {
        let radio = RadioQuiet()
        try await LocalAPIFixture.run(radio: radio) { station in
            try await Self.addLight("One", to: station)
            radio.begin()
            let offered = try await Self.announce("0.1.33", seed: 1, station)
            #expect(offered == 1)
            try await Self.linger(station)
            #expect(station.desk.sent.isEmpty)
            radio.end()
            try await eventually("it is told") { !station.desk.sent.isEmpty }
            // What comes later is told after what came before.
            try await Self.addLight("Two", to: station)
            _ = try await Self.announce("0.1.34", seed: 2, station)
            try await eventually("both are told of the next") { Self.versions(station).count >= 3 }
            #expect(Self.versions(station) == ["0.1.33", "0.1.34", "0.1.34"])
        }
    }

    @Test("Of two offers of that time a device is told of the newer one only")
    func newest() async throws {
        let radio = RadioQuiet()
        try await LocalAPIFixture.run(radio: radio) { station in
            try await Self.addLight("One", to: station)
            radio.begin()
            _ = try await Self.announce("0.1.33", seed: 1, station)
            try await Self.linger(station)
            _ = try await Self.announce("0.1.34", seed: 2, station)
            radio.end()
            try await Self.addLight("Two", to: station)
            _ = try await Self.announce("0.1.35", seed: 3, station)
            try await eventually("the second one is told, too") { Self.versions(station).last == "0.1.35" }
            #expect(!Self.versions(station).contains("0.1.33"))
        }
    }

    @Test("The server stops while offers wait")
    func stops() async throws {
        let radio = RadioQuiet()
        radio.begin()
        try await LocalAPIFixture.run(radio: radio) { station in
            try await Self.addLight("One", to: station)
            _ = try await Self.announce("0.1.33", seed: 1, station)
            try await Self.linger(station)
            #expect(station.desk.sent.isEmpty)
        }
    }
}
