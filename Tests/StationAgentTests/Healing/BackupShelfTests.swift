import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("The shelf with the automatic backups")
struct BackupShelfTests {
    private static func run(_ body: (BackupShelf) throws -> Void) async throws {
        try await TemporaryDirectory.run { directory in
            let shelf = BackupShelf(directory: directory.path("backups"))
            try shelf.prepare()
            try body(shelf)
        }
    }

    private static func put(_ count: Int, on shelf: BackupShelf, bytes: Int = 100) throws {
        for number in 0..<count {
            let time = ManualClock.usualWallTime.adding(.seconds(number * 86_400))
            try Data(count: bytes).write(to: URL(filePath: shelf.nextPath(at: time)))
        }
    }

    @Test("numbers them, so that the newest is known whatever the clock said")
    func order() async throws {
        try await Self.run { (shelf) throws in
            #expect(shelf.entries().isEmpty)
            #expect(
                shelf.nextPath(at: ManualClock.usualWallTime)
                    == "\(shelf.directory)/station-000001-20261121T083000Z.backup")
            try Self.put(2, on: shelf)
            let year = Timestamp(milliseconds: 60_000)
            try Data(count: 7).write(to: URL(filePath: shelf.nextPath(at: year)))
            let entries = shelf.entries()
            #expect(entries.map(\.number) == [3, 2, 1])
            #expect(entries.first?.madeAt == year)
            #expect(entries.first?.byteCount == 7)
            #expect(entries.last?.madeAt == ManualClock.usualWallTime)
        }
    }

    @Test("keeps seven, the newest, within the room that they may have, and the newest whatever its size")
    func tidiness() async throws {
        try await Self.run { (shelf) throws in
            try Self.put(9, on: shelf)
            try shelf.tidy(within: 10_000)
            #expect(shelf.entries().map(\.number) == [9, 8, 7, 6, 5, 4, 3])
            try shelf.tidy(within: 300)
            #expect(shelf.entries().map(\.number) == [9, 8, 7])
            try shelf.tidy(within: 299)
            #expect(shelf.entries().map(\.number) == [9, 8])
            try shelf.tidy(within: 0)
            #expect(shelf.entries().map(\.number) == [9])
            #expect(shelf.nextPath(at: ManualClock.usualWallTime).contains("station-000010-"))
        }
    }

    @Test(
        "They may have half of what there would be without them, and 2 GiB",
        arguments: [(100, 0, 50), (100, 60, 80), (0, 60, 30), (4096, 0, 2048), (60_000, 2000, 2048)])
    func budget(free: Int, taken: Int, budget: Int) {
        let space = FreeSpace(freeBytes: UInt64(free) << 20, totalBytes: 64_000 << 20)
        #expect(BackupShelf.budget(space, taken: taken << 20) == budget << 20)
    }

    @Test("leaves alone what it did not put there, and clears away what a crash has left half-made")
    func others() async throws {
        try await Self.run { (shelf) throws in
            try Self.put(1, on: shelf)
            let whole = try #require(shelf.entries().first).path
            let left = ["\(whole).a1B2c3", "\(whole).a1B2c3-journal"]
            let foreign = ["mine.backup", "station-x-20261121T083000Z.backup", "station-000002-2026.backup"]
            try Self.make(left + foreign.map { "\(shelf.directory)/\($0)" })
            try FileManager.default.createDirectory(
                atPath: "\(shelf.directory)/station-000009-20261121T083000Z.backup", withIntermediateDirectories: false)
            #expect(shelf.entries().map(\.number) == [1])
            try shelf.prepare()
            try shelf.tidy(within: 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: shelf.directory)
            #expect(names.count == 5)
            #expect(!names.contains { $0.contains("a1B2c3") })
            let attributes = try FileManager.default.attributesOfItem(atPath: shelf.directory)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
        }
    }

    private static func make(_ paths: [String]) throws {
        for path in paths { try Data("x".utf8).write(to: URL(filePath: path)) }
    }

    @Test("A time in a name is read back", arguments: ["", "20261121T083000", "20261321T083000Z", "2026-11-21T08Z"])
    func times(wrong: String) {
        #expect(NameTime.time(NameTime.text(of: ManualClock.usualWallTime)[...]) == ManualClock.usualWallTime)
        #expect(NameTime.time(wrong[...]) == nil)
    }
}
