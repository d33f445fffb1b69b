import GRDB
public import StationCore

/// What can be told of a store without changing anything about it, not even its schema: beside a running daemon too.
public struct StoreExamination: Sendable, Hashable {
    /// SQLite's own `quick_check`: `ok`, or what is wrong.
    public let integrity: String
    public let sqliteVersion: String
    public let journalMode: String
    /// The steps of the schema that the file has taken, oldest first.
    public let migrations: [String]
    /// Whether a newer agent has written it.
    public let isNewer: Bool
    /// Whether this agent could use it as it is.
    public let isCurrent: Bool
    /// The latest time that the daemon has seen.
    public let clockFloor: Timestamp?
    /// How many rows each table has.
    public let rowCounts: [String: Int]

    /// Opens a file for reading, looks at it and closes it again.
    ///
    /// - Throws: `StoreError.unavailable` when the file cannot be opened or is no SQLite database.
    public static func take(path: String) async throws(StoreError) -> StoreExamination {
        try await StoreError.wrapping("examining \(path)") {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let examination = try await queue.read { try Self($0) }
            try queue.close()
            return examination
        }
    }

    private init(_ db: Database) throws {
        let integrity = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
        self.integrity = integrity
        self.sqliteVersion = try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "unknown"
        self.journalMode = try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "unknown"
        // What is damaged need not answer to more.
        guard integrity == "ok" else {
            (self.migrations, self.isNewer, self.isCurrent, self.clockFloor, self.rowCounts) = (
                [], false, false, nil, [:]
            )
            return
        }
        let migrator = StationMigrator.make()
        self.migrations = try migrator.appliedIdentifiers(db).sorted()
        self.isNewer = try migrator.hasBeenSuperseded(db)
        self.isCurrent = try !self.isNewer && migrator.hasCompletedMigrations(db)
        self.clockFloor = try Self.clockFloor(db)
        self.rowCounts = try Self.rowCounts(db)
    }

    private static func clockFloor(_ db: Database) throws -> Timestamp? {
        guard try db.tableExists("settings") else { return nil }
        guard case .integer(let floor)? = try StationTable(db: db).setting(StationHub.clockFloorKey) else { return nil }
        return Timestamp(milliseconds: floor)
    }

    private static func rowCounts(_ db: Database) throws -> [String: Int] {
        let names = try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        var counts: [String: Int] = [:]
        for name in names {
            counts[name] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(name.quotedDatabaseIdentifier)") ?? 0
        }
        return counts
    }
}
