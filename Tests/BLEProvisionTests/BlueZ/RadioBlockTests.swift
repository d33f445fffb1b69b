import Foundation
import StationTestSupport
import Testing

@testable import BLEProvision

@Suite("The switch of the radio")
struct RadioBlockTests {
    private static func make(_ name: String, _ values: [String: String], in directory: TemporaryDirectory) throws {
        let folder = directory.url.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (key, value) in values { try Data((value + "\n").utf8).write(to: folder.appending(path: key)) }
    }

    @Test(
        "is read of the Bluetooth switches alone",
        arguments: [
            ([("bluetooth", "0", "0")], RadioBlock.State.none), ([("bluetooth", "1", "0")], .soft),
            ([("bluetooth", "1", "1")], .hard), ([("wlan", "1", "1")], .none),
            ([("bluetooth", "1", "1"), ("bluetooth", "0", "0")], .none),
            ([("bluetooth", "0", "1"), ("bluetooth", "1", "0")], .soft), ([], .none),
        ])
    func state(switches: [(type: String, soft: String, hard: String)], expected: RadioBlock.State) async throws {
        try await TemporaryDirectory.run { directory in
            for (number, one) in switches.enumerated() {
                let values = ["type": one.type, "soft": one.soft, "hard": one.hard]
                try Self.make("rfkill\(number)", values, in: directory)
            }
            #expect(RadioBlock(directory: directory.path()).state == expected)
        }
    }

    @Test("is lifted for all Bluetooth adapters")
    func lift() async throws {
        try await TemporaryDirectory.run { directory in
            let device = directory.path("rfkill")
            try Data().write(to: URL(filePath: device))
            let block = RadioBlock(directory: directory.path("none"), device: device)
            #expect(block.state == .none)
            #expect(block.lift())
            let written = try Data(contentsOf: URL(filePath: device))
            #expect(Array(written) == [0, 0, 0, 0, 2, 3, 0, 0])
            #expect(!RadioBlock(device: directory.path("missing/rfkill")).lift())
        }
    }
}
