import GRDB
import Logging
import StationCore

/// The SQLite file of a station: opened, migrated, and set so that what was acknowledged survives a power cut.
public struct StationDatabase: Sendable {
    /// How long a writer waits for another process (the command line beside the daemon) before it gives up.
    static let busyTimeout = 5.0
    /// In pages of 4 KiB. A few thousand devices fit; an idle station never gets near.
    private static let cacheKibibytes = 2048

    /// In pages of 4 KiB. A page that many flushes write again goes into the file once a checkpoint: with SQLite's own
    /// 1 000 a busy station writes a third more to its card.
    private static let checkpointPages = 4000

    private static let pageSize = 4096

    let writer: any DatabaseWriter
    /// The file; `nil` in memory.
    let path: String?

    /// Opens, and makes if need be, the file of a station, and brings its schema up to date.
    ///
    /// - Throws: `StoreError.unavailable` when the file cannot be opened, `.disk` when it is no SQLite database, is
    ///   damaged or has no room, `.newerSchema` when a newer agent has written it.
    public static func open(path: String) throws(StoreError) -> StationDatabase {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Self.busyTimeout)
        configuration.maximumReaderCount = 2
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -\(Self.cacheKibibytes)")
        }
        return try StoreError.wrap("opening \(path)") {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // After opening: the pool itself sets NORMAL on its writer, which loses commits at a power cut.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                // Debian's SQLite overwrites what is deleted; here it would write the whole journal once more.
                try db.execute(sql: "PRAGMA secure_delete = FAST")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
                // After a burst the log gives back what it took beyond that.
                try db.execute(sql: "PRAGMA journal_size_limit = \(Self.checkpointPages * Self.pageSize)")
            }
            return try Self(migrating: pool, path: path)
        }
    }

    /// A store that is gone with the process: for tests.
    public static func inMemory() throws(StoreError) -> StationDatabase {
        try StoreError.wrap("opening a database in memory") {
            try Self(migrating: DatabaseQueue(), path: nil)
        }
    }

    private init(migrating writer: any DatabaseWriter, path: String?) throws {
        let migrator = StationMigrator.make()
        let isNewer = try writer.read { try migrator.hasBeenSuperseded($0) }
        guard !isNewer else {
            throw StoreError.newerSchema(
                "The database was written by a newer station-agent; install that version again or restore a backup "
                    + "made by this one."
            )
        }
        try migrator.migrate(writer)
        self.writer = writer
        self.path = path
    }

    /// Closes the file; the last writer out folds the write-ahead log into it.
    public func close() throws(StoreError) {
        if self.path != nil { self.foldLogAtOnce() }
        try StoreError.wrap("closing the database") { try self.writer.close() }
    }

    /// Leaves one whole file to whoever copies or moves it; GRDB's readers, which close last, may not write.
    private func foldLogAtOnce() {
        do {
            try self.writer.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA busy_timeout = 0")
                _ = try db.checkpoint(.truncate)
            }
        } catch {
            // Somebody else is using it, or the disk is full: the log is as good as the file.
        }
    }
}

// MARK: - Probes

extension StationDatabase {
    /// What `doctor` and the tests want to know of an open store.
    public struct Inspection: Sendable, Hashable {
        /// SQLite's own `quick_check`: `ok`, or what is wrong.
        public let integrity: String
        public let journalMode: String
        /// 2 is FULL.
        public let synchronous: Int
        public let foreignKeys: Bool
        public let sqliteVersion: String
        public let deviceCount: Int
    }

    public func inspect() async throws(StoreError) -> Inspection {
        try await StoreError.wrapping("inspecting the database") {
            try await self.writer.writeWithoutTransaction { db in
                Inspection(
                    integrity: try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer",
                    journalMode: try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "unknown",
                    synchronous: try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1,
                    foreignKeys: try Bool.fetchOne(db, sql: "PRAGMA foreign_keys") ?? false,
                    sqliteVersion: try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "unknown",
                    deviceCount: try Int.fetchOne(db, sql: "SELECT count(*) FROM devices WHERE status <> 'revoked'")
                        ?? 0
                )
            }
        }
    }

    /// A number that changes whenever *another* connection, such as the command line's, has written.
    func dataVersion() async throws(StoreError) -> Int {
        try await StoreError.wrapping("looking at the database") {
            try await self.writer.writeWithoutTransaction { db in
                // The schema table is read as well: the pragma alone would answer even when nothing can be read.
                _ = try Int.fetchOne(db, sql: "SELECT 1 FROM devices LIMIT 1")
                return try Self.dataVersion(db)
            }
        }
    }

    static func dataVersion(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA data_version") ?? 0
    }
}
