import Foundation
import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A backup of the store")
struct BackupTests {
    private static let note = BackupNote(
        madeAt: ManualClock.usualWallTime, agentVersion: "1.2.3", secrets: Secret(#"{"agentToken":"hunter2-hunter2"}"#))

    /// A station with some devices, a backup of it, and a place for more files.
    private static func run(_ body: (TestStation, _ file: String, TemporaryDirectory) async throws -> Void) async throws
    {
        try await TestStation.run { station in
            for number in 0..<100 { _ = try await station.addOnline("Device \(number)", type: "climate") }
            try await TemporaryDirectory.run { directory in
                let file = directory.path("backup")
                try station.database.backup(to: file, renamedTo: file, note: Self.note)
                try await body(station, file, directory)
            }
        }
    }

    private static func unpack(_ file: String) throws -> BackupNote {
        try StationDatabase.unpackBackup(file, copiedFrom: "given.backup")
    }

    /// Changes the backup as SQL can.
    private static func alter(_ file: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: file)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test("is one file, becomes a store with the same devices, and the secrets are wiped out of that")
    func roundTrip() async throws {
        try await Self.run { (station, file, directory) throws in
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path()) == ["backup"])
            #expect(try Self.unpack(file) == Self.note)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path()) == ["backup"])
            let bytes = Array(try Data(contentsOf: URL(filePath: file)))
            #expect(bytes.firstRange(of: Array("hunter2".utf8)) == nil)

            let database = try StationDatabase.open(path: file)
            let hub = try await StationHub.open(
                database: database, registry: station.registry, clock: station.clock)
            let names = hub.devices().map(\.name).sorted()
            #expect(names == (0..<100).map { "Device \($0)" }.sorted())
            #expect(try await database.inspect().integrity == "ok")
            try database.close()
        }
    }

    @Test("is of one moment, however much is written meanwhile")
    func consistency() async throws {
        try await TestStation.run { station in
            try station.execute("CREATE TABLE tick (number INTEGER); CREATE TABLE tock (number INTEGER)")
            let other = try DatabasePool(path: station.path)
            let (written, isDone) = (Locked(0), Locked(false))
            let writer = Task.detached {
                while !isDone.value {
                    let number = written.value + 1
                    try await other.write { db in
                        try db.execute(
                            sql: "INSERT INTO tick VALUES (?); INSERT INTO tock VALUES (?)",
                            arguments: [number, number])
                    }
                    written.withLock { $0 = number }
                }
            }
            try await TemporaryDirectory.run { directory in
                for number in 1...10 {
                    // So that there is always somebody writing.
                    let before = written.value
                    try await eventually("more is written") { written.value > before }
                    let file = directory.path("backup-\(number)")
                    try station.database.backup(to: file, renamedTo: file, note: Self.note)
                    let queue = try DatabaseQueue(path: file)
                    let found = try await queue.read { db in
                        try Int.fetchAll(db, sql: "SELECT max(number) FROM tick UNION SELECT max(number) FROM tock")
                    }
                    #expect(found.count == 1)
                    #expect(found.allSatisfy { $0 > before })
                    try queue.close()
                }
            }
            isDone.withLock { $0 = true }
            try await writer.value
            try other.close()
        }
    }

    @Test("that is damaged, cut off or none at all is refused, by its name")
    func damage() async throws {
        try await Self.run { (station, file, directory) throws in
            let whole = try Data(contentsOf: URL(filePath: file))
            func refusal(of data: Data) throws -> String {
                let path = directory.path("bad")
                try data.write(to: URL(filePath: path))
                let error = #expect(throws: BackupError.self) { try Self.unpack(path) }
                guard case .unusable("given.backup", let problem)? = error else {
                    Issue.record("\(String(describing: error))")
                    return ""
                }
                return problem
            }
            var torn = whole
            for offset in stride(from: 8192, to: whole.count - 100, by: 4096) {
                torn.replaceSubrange((offset + 5)..<(offset + 45), with: [UInt8](repeating: 0xA5, count: 40))
            }
            #expect(try refusal(of: torn).hasPrefix("is damaged"))
            #expect(try refusal(of: whole.prefix(whole.count / 2)).hasPrefix("is damaged"))
            #expect(
                try refusal(of: Data("no database at all, but a text\n".utf8)).hasPrefix("is no backup of a station"))
            #expect(try refusal(of: Data()) == "is no backup of a station")
            try station.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            let store = try Data(contentsOf: URL(filePath: station.path))
            #expect(try refusal(of: store) == "is no backup of a station")
        }
    }

    @Test("can be looked at without being changed, and a damaged one is found out that way too")
    func verification() async throws {
        try await Self.run { (_, file, directory) throws in
            let whole = try Data(contentsOf: URL(filePath: file))
            #expect(try StationDatabase.verifyBackup(file, knownAs: "given.backup") == Self.note)
            #expect(try Data(contentsOf: URL(filePath: file)) == whole)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path()) == ["backup"])
            var torn = whole
            for offset in stride(from: 8192, to: whole.count - 100, by: 4096) {
                torn.replaceSubrange((offset + 5)..<(offset + 45), with: [UInt8](repeating: 0xA5, count: 40))
            }
            let (half, text) = (whole.prefix(whole.count / 2), Data("no database at all, but a text\n".utf8))
            try Self.refuse([torn, half, text, Data()], at: directory.path("bad"))
        }
    }

    private static func refuse(_ files: [Data], at path: String) throws {
        for file in files {
            try file.write(to: URL(filePath: path))
            let error = #expect(throws: BackupError.self) {
                try StationDatabase.verifyBackup(path, knownAs: "given.backup")
            }
            guard case .unusable("given.backup", _)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test(
        "by a newer agent is refused, with its version",
        arguments: [
            "INSERT INTO grdb_migrations VALUES ('9999-from-the-future')", "UPDATE station_backup SET format = 2",
        ])
    func newer(sql: String) async throws {
        try await Self.run { (_, file, _) throws in
            try Self.alter(file, sql)
            let error = #expect(throws: BackupError.self) { try Self.unpack(file) }
            #expect(error == .newer(path: "given.backup", agentVersion: "1.2.3"))
        }
    }

    @Test("without its note is refused")
    func noNote() async throws {
        try await Self.run { (_, file, _) throws in
            try Self.alter(file, "DELETE FROM station_backup")
            let error = #expect(throws: BackupError.self) { try Self.unpack(file) }
            #expect(error == .unusable(path: "given.backup", problem: "is a backup that does not say how it was made"))
        }
    }

    @Test("into a directory that is not there says so, and does no harm to the store")
    func failing() async throws {
        try await Self.run { (station, _, directory) throws in
            let missing = #expect(throws: BackupError.self) {
                try station.database.backup(
                    to: directory.path("none/backup"), renamedTo: "wanted", note: Self.note)
            }
            guard case .unwritable("wanted", _)? = missing else {
                Issue.record("\(String(describing: missing))")
                return
            }
            #expect(try await station.database.inspect().integrity == "ok")
        }
    }
}
