import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Updates of devices")
struct DeviceUpdateTests {
    @Test("A device gets the newest by version that is newer than its own")
    func newest() async throws {
        try await FirmwareShop.run { shop in
            let lamp = try await shop.addLamp(running: "0.1.8")
            #expect(try await shop.update(of: lamp) == nil)
            for version in ["0.1.10", "0.1.9"] {
                _ = try await shop.add(version, image: FakeImage(chip: .esp32, seed: UInt64(version.count)))
            }
            _ = try await shop.add("0.3.0", image: FakeImage(chip: .esp32c3))
            _ = try await shop.add("0.4.0", type: "pir")
            #expect(try await shop.update(of: lamp) == "0.1.10")
            await shop.station.hear(.hello(type: "light", firmware: "0.1.10", chip: "esp32"), from: lamp)
            #expect(try await shop.update(of: lamp) == nil)
        }
    }

    @Test("An update that failed twice is not offered to that device again, and still to others")
    func failures() async throws {
        try await FirmwareShop.run { shop in
            let hub = shop.station.hub
            let lamp = try await shop.addLamp("One")
            let other = try await shop.addLamp("Other")
            let (older, _) = try await shop.add("0.1.9")
            let (newer, _) = try await shop.add("0.1.10", image: FakeImage(chip: .esp32, seed: 2))
            try await hub.noteUpdate(.downloading, with: newer.id, of: lamp.id)
            try await hub.noteUpdate(.failed, error: "no route", with: newer.id, of: lamp.id)
            #expect(try await shop.update(of: lamp) == "0.1.10")
            #expect(try await hub.devices(toOffer: newer) == [other.id, lamp.id])
            try await hub.noteUpdate(.failed, with: newer.id, of: lamp.id)
            #expect(try await shop.update(of: lamp) == "0.1.9")
            #expect(try await hub.devices(toOffer: newer) == [other.id])
            #expect(try await hub.devices(toOffer: older) == [other.id, lamp.id])
            #expect(try await shop.update(of: other) == "0.1.10")
            let again = try await shop.station.restarted()
            let running = try #require(again.hub.device(lamp.id)?.runningFirmware)
            #expect(try await again.hub.update(of: lamp.id, running: running) == older)
        }
    }

    @Test("Only devices that are online, of that type and chip, and older are offered an update")
    func offered() async throws {
        try await FirmwareShop.run { shop in
            let hub = shop.station.hub
            let lamp = try await shop.addLamp()
            _ = try await shop.addLamp("Newer", running: "0.2.0")
            _ = try await shop.addLamp("Untold", running: "unknown")
            let pir = try await shop.station.add("Pir")
            await shop.station.hear(.hello(type: "pir", firmware: "0.1.0", chip: "esp32"), from: pir)
            let small = try await shop.station.add("Small")
            await shop.station.hear(.hello(type: "light", firmware: "0.1.0", chip: "esp32-c3"), from: small)
            _ = try await shop.station.add("Never seen", type: "light")
            let (firmware, _) = try await shop.add("0.1.9")
            #expect(try await hub.devices(toOffer: firmware) == [lamp.id])
            await shop.station.live(for: .seconds(200))
            #expect(try await hub.devices(toOffer: firmware).isEmpty)
        }
    }

    @Test("One attempt is one row that moves; every move stands in the feed once; repeating tells nothing new")
    func moves() async throws {
        try await FirmwareShop.run { shop in
            let hub = shop.station.hub
            let lamp = try await shop.addLamp()
            let (firmware, _) = try await shop.add("0.1.9")
            for status in [UpdateStatus.pending, .downloading, .downloading, .installing, .success, .success] {
                try await hub.noteUpdate(status, with: firmware.id, of: lamp.id)
            }
            #expect(try shop.station.count("ota_logs") == 1)
            #expect(try shop.station.count("ota_logs", where: "status = 'success' AND error IS NULL") == 1)
            var query = EventQuery()
            query.type = .ota
            let lines = try await hub.deviceEvents(query).entries
            #expect(
                lines.map { $0.event.payload["status"]?.stringValue } == [
                    "success", "installing", "downloading", "pending",
                ]
            )
            #expect(lines.first?.event.payload["firmwareId"] == .string(firmware.id.description))
            #expect(lines.first?.event.payload["version"] == "0.1.9")
            // The next attempt is a row of its own.
            try await hub.noteUpdate(.downloading, with: firmware.id, of: lamp.id)
            #expect(try shop.station.count("ota_logs") == 2)
        }
    }

    @Test("The cause of a failure is kept, cut to a bearable length; of many attempts the newest are kept")
    func bounds() async throws {
        try await FirmwareShop.run { shop in
            let hub = shop.station.hub
            let lamp = try await shop.addLamp()
            let (firmware, _) = try await shop.add("0.1.9")
            for number in 1...15 {
                let error = "\(number): " + String(repeating: "é", count: 1000)
                try await hub.noteUpdate(.failed, error: error, with: firmware.id, of: lamp.id)
            }
            #expect(try shop.station.count("ota_logs") == 10)
            #expect(try shop.station.count("ota_logs", where: "length(error) = 500") == 10)
            #expect(try shop.station.count("ota_logs", where: "error LIKE '15:%'") == 1)
        }
    }

    @Test("A report of an unknown firmware or device, or too fast, changes nothing")
    func refusals() async throws {
        let settings = HubSettings(deviceRate: .init(perSecond: 1, burst: 3))
        try await FirmwareShop.run(settings: settings) { shop in
            let hub = shop.station.hub
            // Its handshake was the first of three.
            let lamp = try await shop.addLamp()
            let (firmware, _) = try await shop.add("0.1.9")
            let unknown = FirmwareID.make(at: shop.station.clock.wallTime)
            await #expect(throws: FirmwareError.notFound(unknown.description)) {
                try await hub.noteUpdate(.failed, with: unknown, of: lamp.id)
            }
            let stranger = DeviceID.make(at: shop.station.clock.wallTime)
            await #expect(throws: StoreError.deviceNotFound(stranger.description)) {
                try await hub.noteUpdate(.failed, with: firmware.id, of: stranger)
            }
            try await hub.noteUpdate(.pending, with: firmware.id, of: lamp.id)
            await #expect(throws: FirmwareError.tooManyReports) {
                try await hub.noteUpdate(.downloading, with: firmware.id, of: lamp.id)
            }
            #expect(try shop.station.count("ota_logs", where: "status = 'pending'") == 1)
            shop.station.clock.advance(by: .seconds(1))
            try await hub.noteUpdate(.downloading, with: firmware.id, of: lamp.id)
        }
    }

    @Test("A device that is removed takes the record of its updates along")
    func removedDevice() async throws {
        try await FirmwareShop.run { shop in
            let lamp = try await shop.addLamp()
            let (firmware, _) = try await shop.add("0.1.9")
            try await shop.station.hub.noteUpdate(.failed, with: firmware.id, of: lamp.id)
            try await shop.station.hub.removeDevice(lamp.id)
            #expect(try shop.station.count("ota_logs") == 0)
        }
    }
}
