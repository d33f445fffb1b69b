import Dispatch
import Foundation
import StationCore
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("A restore that is interrupted")
struct PendingRestoreTests {
    typealias Step = PendingRestore.Step

    /// A directory with an old station, its log, and a new station beside it.
    private static func run(
        suffix: String? = "before", _ body: (PendingRestore, TemporaryDirectory) throws -> Void
    ) async throws {
        try await ConfigurationFixture.run { fixture in
            fixture.environment["DATA_DIR"] = fixture.directory.path("data")
            try FileManager.default.createDirectory(
                atPath: fixture.directory.path("data"), withIntermediateDirectories: false)
            let data = try fixture.load().data
            if suffix != nil {
                for name in ["station.sqlite", "station.sqlite-wal", "station.sqlite-shm", "secrets.json"] {
                    try fixture.write("data/\(name)", "old \(name)")
                }
            }
            try fixture.write("data/station.sqlite.restoring", "new station.sqlite")
            try fixture.write("data/secrets.json.restoring", "new secrets.json")
            try body(PendingRestore(data: data, suffix: suffix), fixture.directory)
        }
    }

    /// All files with what is in them.
    private static func files(_ directory: TemporaryDirectory) throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("data"))
        return Dictionary(
            uniqueKeysWithValues: try names.map { name in
                (name, try String(contentsOfFile: directory.path("data/\(name)"), encoding: .utf8))
            })
    }

    private static let restored = [
        "station.sqlite": "new station.sqlite", "secrets.json": "new secrets.json",
        "station.sqlite.before": "old station.sqlite", "station.sqlite.before-wal": "old station.sqlite-wal",
        "secrets.json.before": "old secrets.json",
    ]

    @Test("after it was decided is ended by whoever comes next, from any step on", arguments: 0...Step.allCases.count)
    func decided(steps: Int) async throws {
        try await Self.run { (restore, directory) throws in
            try restore.decide()
            for step in Step.allCases.prefix(steps) { try restore.perform(step) }
            try PendingRestore.complete(restore.data)
            #expect(try Self.files(directory) == Self.restored)
            try PendingRestore.complete(restore.data)
            #expect(try Self.files(directory) == Self.restored)
        }
    }

    @Test("in the middle of a step, or of its repetition, is no different", arguments: Step.allCases)
    func repeated(step: Step) async throws {
        try await Self.run { (restore, directory) throws in
            try restore.decide()
            for earlier in Step.allCases.prefix(while: { $0 != step }) { try restore.perform(earlier) }
            try restore.perform(step)
            if step != .forget { try restore.perform(step) }
            try PendingRestore.complete(restore.data)
            #expect(try Self.files(directory) == Self.restored)
        }
    }

    @Test("before it was decided leaves the old station as it was")
    func undecided() async throws {
        try await Self.run { (restore, directory) throws in
            let before = try Self.files(directory)
            try PendingRestore.complete(restore.data)
            #expect(try Self.files(directory) == before)
            PendingRestore.abandon(restore.data)
            #expect(try Self.files(directory) == before.filter { !$0.key.hasSuffix(".restoring") })
        }
    }

    @Test("where there was no station makes one")
    func empty() async throws {
        try await Self.run(suffix: nil) { (restore, directory) throws in
            try restore.decide()
            try restore.perform(.placeStore)
            try PendingRestore.complete(restore.data)
            #expect(
                try Self.files(directory)
                    == ["station.sqlite": "new station.sqlite", "secrets.json": "new secrets.json"])
        }
    }

    @Test("is ended by one of many at the same time")
    func concurrent() async throws {
        try await Self.run { (restore, directory) throws in
            try restore.decide()
            let faults = Locked<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 16) { _ in
                do throws(StorageError) {
                    try PendingRestore.complete(restore.data)
                } catch {
                    faults.withLock { $0.append(error.description) }
                }
            }
            #expect(faults.value == [])
            #expect(try Self.files(directory) == Self.restored)
        }
    }

    @Test(
        "and does not say how to go on is an error with a remedy, and nothing is touched",
        arguments: ["", "{", "{}", #"{"oldFiles":1}"#, #"{"oldFiles":"../x"}"#])
    func damagedDecision(text: String) async throws {
        try await Self.run { (restore, directory) throws in
            try text.write(toFile: directory.path("data/restore.json"), atomically: true, encoding: .utf8)
            let before = try Self.files(directory)
            let error = #expect(throws: StorageError.self) { try PendingRestore.complete(restore.data) }
            #expect(error?.description.contains("restore.json does not say how to end the restore") == true)
            #expect(try Self.files(directory) == before)
        }
    }
}
