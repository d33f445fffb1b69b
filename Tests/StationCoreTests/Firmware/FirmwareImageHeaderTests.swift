import StationCore
import StationTestSupport
import Testing

@Suite("The header of an ESP32 image")
struct FirmwareImageHeaderTests {
    @Test("It tells the chip, and the version where the image describes itself", arguments: FirmwareChip.allCases)
    func chips(chip: FirmwareChip) throws {
        let header = try FirmwareImageHeader(FakeImage(chip: chip, version: "0.1.33").bytes)
        #expect(header.chip == chip)
        #expect(header.version == "0.1.33")
        #expect(try FirmwareImageHeader(FakeImage(chip: chip).bytes).version == nil)
        #expect(try FirmwareImageHeader(Array(FakeImage(chip: chip, version: "1").bytes.prefix(40))).version == nil)
    }

    @Test("A chip is known by its number and by any way of writing its name")
    func names() {
        #expect(FirmwareChip(imageNumber: 0x0009) == .esp32s3)
        for name in ["esp32-s3", "ESP32S3", "ESP32_S3", "Esp32-S3"] { #expect(FirmwareChip(name: name) == .esp32s3) }
        #expect(FirmwareChip(name: "esp8266") == nil)
        #expect(FirmwareChip(imageNumber: 0xFFFF) == nil)
        #expect(Set(FirmwareChip.allCases.map(\.imageNumber)).count == FirmwareChip.allCases.count)
    }

    @Test("What is no image is told from one")
    func faults() throws {
        let image = FakeImage(chip: .esp32).bytes
        func changed(_ offset: Int, to byte: UInt8) -> [UInt8] {
            var bytes = image
            bytes[offset] = byte
            return bytes
        }
        for (bytes, fault) in [
            ([], FirmwareImageFault.noImage(firstByte: nil)), (Array("<html>".utf8), .noImage(firstByte: 0x3C)),
            ([0xE9], .tooShort(1)), (Array(image.prefix(31)), .tooShort(31)), (changed(1, to: 0), .segmentCount(0)),
            (changed(1, to: 17), .segmentCount(17)), (changed(13, to: 0xFF), .unknownChip(0xFF00)),
        ] {
            #expect(throws: fault) { try FirmwareImageHeader(bytes) }
            #expect(fault.description.hasSuffix("."))
        }
        #expect(throws: Never.self) { try FirmwareImageHeader(changed(1, to: 16)) }
    }

    @Test("A version that nobody should see in a message is left out", arguments: ["a b", "\u{1B}[2J", "ä"])
    func strangeVersions(version: String) throws {
        #expect(try FirmwareImageHeader(FakeImage(chip: .esp32, version: version).bytes).version == nil)
    }
}
