import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A store that is only looked at")
struct StoreExaminationTests {
    @Test("is told of while somebody writes to it, and stays as it is")
    func beside() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station.sqlite")
            let database = try StationDatabase.open(path: path)
            let found = try await StoreExamination.take(path: path)
            #expect(found.integrity == "ok")
            #expect(found.journalMode == "wal")
            #expect(found.isCurrent && !found.isNewer)
            #expect(found.migrations.first == "0001-station")
            #expect(found.rowCounts["devices"] == 0)
            #expect(found.rowCounts["reading_batches"] == 0)
            #expect(found.clockFloor == nil)

            let shell = SQLiteShell(database: path, directory: directory)
            try await shell.run("INSERT INTO settings VALUES ('clock.floor', '1790000000000', 0)")
            try await shell.run("DELETE FROM grdb_migrations WHERE identifier > '0002'")
            let older = try await StoreExamination.take(path: path)
            #expect(older.clockFloor == Timestamp(milliseconds: 1_790_000_000_000))
            #expect(!older.isCurrent && !older.isNewer)
            #expect(try await shell.number("SELECT count(*) FROM grdb_migrations") == older.migrations.count)
            try await shell.run("INSERT INTO grdb_migrations VALUES ('9999-of-the-future')")
            let newer = try await StoreExamination.take(path: path)
            #expect(newer.isNewer && !newer.isCurrent)
            try database.close()
        }
    }

    @Test("is not made where there is none, and one that is none is not taken for one")
    func faults() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station.sqlite")
            await #expect(throws: StoreError.self) { _ = try await StoreExamination.take(path: path) }
            #expect(!FileManager.default.fileExists(atPath: path))
            try Data(repeating: 7, count: 8192).write(to: URL(filePath: path))
            await #expect(throws: StoreError.self) { _ = try await StoreExamination.take(path: path) }
        }
    }

    @Test("says that it is damaged")
    func damage() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station.sqlite")
            try StationDatabase.open(path: path).close()
            let file = try FileHandle(forUpdating: URL(filePath: path))
            let size = try file.seekToEnd()
            // The header and the schema stay whole.
            for offset in stride(from: UInt64(5 * 4096), to: size, by: 4096) {
                try file.seek(toOffset: offset)
                try file.write(contentsOf: Data(repeating: 0x5a, count: 64))
            }
            try file.close()
            let found = try? await StoreExamination.take(path: path)
            #expect(found?.integrity != "ok")
        }
    }
}
