import Foundation
import GRDB
import StationCore
import StationTestSupport
import Testing

@testable import StationData

extension TestStation {
    /// The file may not grow any more: what SQLite sees of a disk that is full.
    func fillDisk() throws {
        try self.database.writer.writeWithoutTransaction { db in
            let pages = try #require(try Int.fetchOne(db, sql: "PRAGMA page_count"))
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
    }

    func makeRoom() throws {
        try self.database.writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA max_page_count = 1073741823")
        }
    }

    /// More readings than the pages that are there can take; returns how many.
    func hearMuch(from device: Device) async -> Int {
        for round in 0..<40 {
            self.clock.advance(by: .milliseconds(1))
            await self.hear(.state(.numbered(0..<50, value: Int64(round))), from: device)
        }
        return 2000
    }

    /// The size of the write-ahead log.
    func logBytes() throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(self.path)-wal")
        return try #require((attributes[.size] as? NSNumber)?.intValue)
    }

    /// Writes much in one commit.
    func burst(mebibytes: Int) throws {
        try self.database.writer.writeWithoutTransaction { db in
            try db.execute(sql: "CREATE TABLE IF NOT EXISTS burst (content BLOB)")
            try db.execute(sql: "INSERT INTO burst VALUES (randomblob(?))", arguments: [mebibytes << 20])
        }
    }

    /// Another process looks at the store as it is now, while `body` runs.
    func whileReading(_ body: () async throws -> Void) async throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: self.path, configuration: configuration)
        try queue.inDatabase { db in
            try db.execute(sql: "BEGIN")
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM devices")
        }
        do {
            try await body()
        } catch {
            try queue.close()
            throw error
        }
        try queue.inDatabase { try $0.execute(sql: "ROLLBACK") }
        try queue.close()
    }

    /// What health says of the store.
    var storeDetail: String { self.health[.store]?.detail ?? "" }
}

/// A file system whose room only the test changes.
struct PlayedDisk {
    static let totalBytes: UInt64 = 1000 << 20
    /// 50 MiB are kept for what must be committed.
    static let plenty: UInt64 = 500 << 20

    private let freeBytes = Locked(Self.plenty)

    /// Settings of a hub on this disk, with no limit to how fast devices may speak.
    var settings: HubSettings {
        var settings = HubSettings()
        settings.deviceRate = TokenBucket.Limit(perSecond: 1e9, burst: 1e9)
        let freeBytes = self.freeBytes
        settings.freeSpace = { FreeSpace(freeBytes: freeBytes.value, totalBytes: Self.totalBytes) }
        return settings
    }

    func leave(mebibytes: UInt64) {
        self.freeBytes.withLock { $0 = mebibytes << 20 }
    }
}
