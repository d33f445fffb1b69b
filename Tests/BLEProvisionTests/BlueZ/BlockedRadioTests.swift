import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import BLEProvision

/// Bluetooth that is held down by rfkill: a folder stands for the kernel's, a file for its device.
@Suite("A radio that is held down")
struct BlockedRadioTests {
    typealias Fixture = ProvisionerFixture

    /// A machine with one switch of Bluetooth's; without `device` nobody may lift it.
    private static func block(
        in directory: TemporaryDirectory, isHard: Bool = false, hasDevice: Bool = true
    ) throws -> RadioBlock {
        let folder = directory.url.appending(path: "class/rfkill0")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, value) in [("type", "bluetooth"), ("soft", "1"), ("hard", isHard ? "1" : "0")] {
            try Data("\(value)\n".utf8).write(to: folder.appending(path: name))
        }
        if hasDevice { try Data().write(to: URL(filePath: directory.path("rfkill"))) }
        return RadioBlock(directory: directory.path("class"), device: directory.path("rfkill"))
    }

    private static func written(in directory: TemporaryDirectory) throws -> Int {
        try Data(contentsOf: URL(filePath: directory.path("rfkill"))).count
    }

    private static func run(
        _ block: RadioBlock, lifting file: String? = nil, _ body: (Fixture) async throws -> Void
    ) async throws {
        var settings: JSONObject = ["blocked": true]
        if let file { settings["rfkill"] = .string(file) }
        try await Fixture.run(settings: settings, block: block) { fixture in
            try await fixture.wait("it is known to be held down") { fixture.provisioner.adapter == .blocked }
            try await body(fixture)
        }
    }

    @Test("is lifted as soon as somebody watches, and not before")
    func lifted() async throws {
        try await TemporaryDirectory.run { directory in
            let block = try Self.block(in: directory)
            try await Self.run(block, lifting: block.device) { fixture in
                #expect(try Self.written(in: directory) == 0)
                #expect(fixture.health[.ble]?.status == .degraded)
                let watch = try await fixture.watch(until: "lamp")
                #expect(watch.adapters == [.blocked, .ready])
                #expect(try Self.written(in: directory) == 8)
                #expect(!fixture.log.lines("rfkill held Bluetooth down; lifted").isEmpty)
                #expect(fixture.health[.ble]?.status == .ok)
                watch.leave()
            }
        }
    }

    @Test("is lifted again when it comes down while somebody watches")
    func comesDown() async throws {
        try await TemporaryDirectory.run { directory in
            let block = try Self.block(in: directory)
            try await Self.run(block, lifting: block.device) { fixture in
                let watch = try await fixture.watch(until: "lamp")
                try Data().write(to: URL(filePath: block.device))
                try await fixture.bluez.tell(["do": "adapter", "blocked": true, "powered": false])
                try await fixture.wait("it is lifted") {
                    watch.adapters == [.blocked, .ready, .blocked, .ready] && watch.candidates == ["lamp"]
                }
                watch.leave()
            }
        }
    }

    @Test("is shown as such where we may not lift it, and taken up when somebody else does")
    func notAllowed() async throws {
        try await TemporaryDirectory.run { directory in
            let block = try Self.block(in: directory, hasDevice: false)
            try await Self.run(block) { fixture in
                let watch = fixture.watch()
                try await fixture.wait("it was tried") {
                    !fixture.log.lines("rfkill holds Bluetooth down, and we may not lift it").isEmpty
                        && watch.adapters == [.blocked]
                }
                let refusal = try await fixture.refusal("lamp").map { "\($0)" } ?? ""
                #expect(refusal.hasPrefix("unavailable") && refusal.contains("blocked"))
                #expect(fixture.health[.ble]?.detail.contains("rfkill unblock bluetooth") == true)
                #expect(try await fixture.bluez.count("powered") == 0)
                try await fixture.bluez.tell(["do": "adapter", "blocked": false, "powered": true])
                try await fixture.wait("it is taken up") { watch.candidates == ["lamp"] }
                watch.leave()
            }
        }
    }

    @Test("by a switch of the machine is not touched")
    func hard() async throws {
        try await TemporaryDirectory.run { directory in
            let block = try Self.block(in: directory, isHard: true)
            try await Self.run(block) { fixture in
                let watch = fixture.watch()
                try await fixture.wait("that is told") { watch.adapters == [.blocked] }
                try await fixture.bluez.tell(["do": "adapter", "blocked": false, "powered": true])
                try await fixture.wait("the switch was turned") { watch.candidates == ["lamp"] }
                #expect(try Self.written(in: directory) == 0)
                watch.leave()
            }
        }
    }
}
