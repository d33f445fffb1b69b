import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Firmware that an on-station agent has put into the directory")
struct FirmwareAdoptionTests {
    private static let file = "light-new.bin"

    private static func adopt(
        in shop: FirmwareShop, _ name: String = Self.file, type: String = "light", version: String = "0.1.33"
    ) async throws -> (firmware: Firmware, isNew: Bool) {
        try await shop.firmware.adopt(
            try #require(FirmwareFileName(name)), type: type, version: try #require(SemanticVersion(version))
        )
    }

    private static func manifest(of image: FakeImage, key: String = "esp32-light") throws -> JSONValue {
        var manifest = JSONObject()
        manifest[key] = [
            "version": "0.1.33", "file": .string(self.file),
            "checksum": .string("sha256:" + (try image.checksum).description.uppercased()),
        ]
        return .object(manifest)
    }

    @Test("What is as the manifest says is registered where it lies, once")
    func good() async throws {
        try await FirmwareShop.run { shop in
            let image = FakeImage(chip: .esp32, size: 100_000)
            try shop.put(Self.file, image.bytes)
            try shop.putManifest(Self.manifest(of: image))
            let (firmware, isNew) = try await Self.adopt(in: shop)
            #expect(isNew && firmware.file.description == Self.file && firmware.chip == .esp32)
            #expect(try firmware.checksum == image.checksum && firmware.size == 100_000)
            let (again, isNewAgain) = try await Self.adopt(in: shop, version: "v0.1.33")
            #expect(again == firmware && !isNewAgain)
            #expect(try shop.files == [Self.file, "manifest.json"])
        }
    }

    @Test("Without chip in the manifest, the image's own word counts; a size there must be right")
    func listed() async throws {
        try await FirmwareShop.run { shop in
            let image = FakeImage(chip: .esp32c6)
            try shop.put(Self.file, image.bytes)
            func manifest(size: Int64) throws -> JSONValue {
                [
                    "types": [
                        [
                            "type": "light", "version": "0.1.33", "file": .string(Self.file),
                            "checksum": .string(try image.checksum.description), "size": .integer(size),
                        ]
                    ]
                ]
            }
            try shop.putManifest(manifest(size: 4095))
            await #expect(throws: FirmwareError.wrongSize(expected: 4095, actual: 4096)) {
                try await Self.adopt(in: shop)
            }
            try shop.putManifest(manifest(size: 4096))
            #expect(try await Self.adopt(in: shop).firmware.chip == .esp32c6)
        }
    }

    @Test("What does not agree is refused with what is wrong, and nothing is registered")
    func refusals() async throws {
        try await FirmwareShop.run { shop in
            let image = FakeImage(chip: .esp32)
            func words() async -> String {
                do {
                    _ = try await Self.adopt(in: shop)
                    return "registered"
                } catch {
                    return "\(error)"
                }
            }
            #expect(await words() == "There is no file “manifest.json” in the firmware directory.")
            try shop.put("manifest.json", Array("{".utf8))
            #expect(await words().hasPrefix("The manifest is no JSON"))
            try shop.put("manifest.json", Array("[]".utf8))
            #expect(await words() == "The manifest is an array, not an object.")
            try shop.put("manifest.json", [UInt8](repeating: 0x20, count: FirmwareManifest.maximumSize + 1))
            #expect(await words().contains("at most \(FirmwareManifest.maximumSize)"))
            try shop.putManifest(Self.manifest(of: image, key: "esp32-pir"))
            #expect(await words() == "In the manifest the file “light-new.bin” is version 0.1.33 for pir.")
            try shop.putManifest(Self.manifest(of: image))
            #expect(await words() == "There is no file “light-new.bin” in the firmware directory.")
            try shop.put(Self.file, FakeImage(chip: .esp32, seed: 9).bytes)
            #expect(await words().hasPrefix("The SHA-256 of the file is"))
            try shop.putManifest(Self.manifest(of: image, key: "esp32c3-light"))
            try shop.put(Self.file, image.bytes)
            #expect(await words() == "The image is for the chip esp32, not for esp32-c3.")
            try shop.put(Self.file, Array("not an image, and long enough to be one".utf8))
            #expect(await words().contains("no ESP32 image"))
            #expect(try await shop.station.hub.firmwares().isEmpty)

            let other = await #expect(throws: FirmwareError.self) {
                try await Self.adopt(in: shop, "other.bin")
            }
            #expect(other?.description == "The manifest does not name the file “other.bin”.")
        }
    }

    @Test("A symbolic link is not followed, neither as image nor as manifest")
    func links() async throws {
        try await FirmwareShop.run { shop in
            let image = FakeImage(chip: .esp32)
            let outside = shop.path + "-outside"
            try Data(image.bytes).write(to: URL(filePath: outside))
            try FileManager.default.createSymbolicLink(
                atPath: "\(shop.path)/\(Self.file)", withDestinationPath: outside
            )
            try shop.putManifest(Self.manifest(of: image))
            await #expect(throws: FirmwareError.noFile(Self.file)) { try await Self.adopt(in: shop) }

            try FileManager.default.moveItem(
                atPath: "\(shop.path)/manifest.json", toPath: outside + ".json"
            )
            try FileManager.default.createSymbolicLink(
                atPath: "\(shop.path)/manifest.json", withDestinationPath: outside + ".json"
            )
            await #expect(throws: FirmwareError.noFile("manifest.json")) { try await Self.adopt(in: shop) }
        }
    }

    @Test("A file that is registered as something else cannot be registered again")
    func takenFile() async throws {
        try await FirmwareShop.run { shop in
            let image = FakeImage(chip: .esp32)
            try shop.put(Self.file, image.bytes)
            try shop.putManifest(Self.manifest(of: image))
            _ = try await Self.adopt(in: shop)
            try shop.putManifest(Self.manifest(of: image, key: "esp32-pir"))
            let error = await #expect(throws: StoreError.self) { try await Self.adopt(in: shop, type: "pir") }
            guard case .conflict("file", Self.file, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
