import Foundation
import StationCore
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("Which board it is")
struct ChipIDTests {
    private static func id(_ files: [String: String]) async throws -> String {
        var id = ""
        try await TemporaryDirectory.run { directory in
            let root = directory.path("root")
            for (path, text) in files {
                let url = URL(filePath: "\(root)/\(path)")
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true
                )
                try Data(text.utf8).write(to: url)
            }
            id = ChipID.ofThisBoard(orElse: try #require(StationID("station-1")), root: root).description
        }
        return id
    }

    private static let cpu =
        "processor\t: 0\nmodel name\t: ARMv7\n\nHardware\t: BCM2835\nSerial\t\t: 10000000ABCDEF01\nModel\t\t: Raspberry Pi 4\n"

    @Test("It is 32 hexadecimal digits in which the serial number does not show")
    func form() async throws {
        let id = try await Self.id(["proc/cpuinfo": Self.cpu])
        #expect(id.utf8.count == 32 && id.allSatisfy { "0123456789abcdef".contains($0) } && !id.contains("abcdef01"))
        let again = try await Self.id([
            "proc/cpuinfo": Self.cpu, "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
        ])
        #expect(again == id)
    }

    @Test("The device tree names the same number as the processor")
    func deviceTree() async throws {
        let one = try await Self.id(["proc/cpuinfo": Self.cpu])
        let other = try await Self.id(["proc/device-tree/serial-number": "10000000abcdef01\0"])
        #expect(one == other)
    }

    @Test("Without a number of the board it is the machine's, without that the station's")
    func fallbacks() async throws {
        let machine = "0123456789abcdef0123456789abcdef\n"
        let zeros = try await Self.id([
            "proc/cpuinfo": "Serial\t\t: 0000000000000000\n", "etc/machine-id": machine,
        ])
        let absent = try await Self.id(["etc/machine-id": machine])
        let none = try await Self.id([:])
        let early = try await Self.id(["etc/machine-id": "uninitialized\n"])
        #expect(zeros == absent && none == early && none != absent && none.utf8.count == 32)
    }
}
