import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

/// A test station with a firmware directory beside its database.
struct FirmwareShop {
    let station: TestStation
    let firmware: FirmwareLibrary
    let path: String

    static func run(
        settings: HubSettings = HubSettings(), _ body: (FirmwareShop) async throws -> Void
    ) async throws {
        try await TestStation.run(settings: settings) { station in
            let path = URL(filePath: station.path).deletingLastPathComponent().appending(path: "firmware").path
            let directory = FirmwareDirectory(path: path)
            try await directory.prepare()
            let firmware = FirmwareLibrary(hub: station.hub, directory: directory, clock: station.clock)
            try await body(FirmwareShop(station: station, firmware: firmware, path: path))
        }
    }

    /// Everything in the directory, hidden files too.
    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: self.path).sorted() }
    }

    func content(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: "\(self.path)/\(name)")))
    }

    func put(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: "\(self.path)/\(name)"))
    }

    func putManifest(_ json: JSONValue) throws {
        try self.put(FirmwareManifest.fileName, json.serialized())
    }

    /// Receives an image in pieces, as an upload comes.
    @discardableResult
    func add(
        _ version: String, type: String = "light", image: FakeImage = FakeImage(chip: .esp32),
        chip: FirmwareChip? = nil, checksum: FileChecksum? = nil, pieces: Int = 1000
    ) async throws -> (firmware: Firmware, isNew: Bool) {
        let upload = try await self.firmware.directory.beginUpload()
        for start in stride(from: 0, to: image.bytes.count, by: pieces) {
            try await upload.append(Array(image.bytes[start..<min(start + pieces, image.bytes.count)]))
        }
        return try await self.firmware.add(
            upload, type: type, chip: chip, version: try #require(SemanticVersion(version)), checksum: checksum
        )
    }

    /// A lamp on an ESP32 that is online and has said what it runs.
    func addLamp(_ name: String = "Lamp", running version: String = "0.1.8") async throws -> Device {
        let device = try await self.station.add(name)
        await self.station.hear(.hello(type: "light", firmware: version, chip: "esp32"), from: device)
        return try #require(self.station.hub.device(device.id))
    }

    /// What the station would give a device now.
    func update(of device: Device) async throws -> String? {
        let running = try #require(self.station.hub.device(device.id)?.runningFirmware)
        return try await self.station.hub.update(of: device.id, running: running)?.version.description
    }
}
