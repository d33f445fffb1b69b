import GRDB
import StationCore

extension StationDatabase {
    /// The table that makes a copy of a store a backup. Gone before the copy becomes a store again.
    private static let backupTable = "station_backup"
    private static let backupFormat = 1

    /// Copies the store as it is at one moment into a file, with the note beside it. Others, the daemon too, go on
    /// writing meanwhile. Blocks.
    ///
    /// - Parameters:
    ///   - path: An empty file, or none. It becomes one SQLite database in rollback mode, with no other file beside it;
    ///     whoever made the file has closed it to others.
    ///   - target: What the file is to be called in the end, for messages.
    public func backup(to path: String, renamedTo target: String, note: BackupNote) throws(BackupError) {
        do {
            let copy = try DatabaseQueue(path: path)
            // In one step: the snapshot of one read transaction, however much is written meanwhile.
            try self.writer.backup(to: copy)
            try copy.writeWithoutTransaction { db in
                // The header came with the copy; in WAL mode it would need files beside it.
                try db.execute(sql: "PRAGMA journal_mode = DELETE")
                try db.execute(sql: "PRAGMA secure_delete = ON")
                try db.inTransaction {
                    // A copy is kept for years and has the key with it; from the verifiers a broker's file can be made.
                    try db.execute(sql: "UPDATE devices SET broker_password = NULL")
                    try db.execute(sql: "UPDATE broker_credentials SET password = NULL")
                    try Self.write(note, db)
                    return .commit
                }
            }
            try copy.close()
        } catch {
            throw Self.backupError(error, target)
        }
    }

    /// Looks whether a backup is all right in every respect that can be checked, and leaves it as it is. Blocks.
    ///
    /// - Parameter original: What it is called in the end, for messages.
    /// - Returns: The note.
    public static func verifyBackup(_ path: String, knownAs original: String) throws(BackupError) -> BackupNote {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let copy = try DatabaseQueue(path: path, configuration: configuration)
            let note = try copy.read { try self.examine($0, original) }
            try copy.close()
            return note
        } catch let error as BackupError {
            throw error
        } catch {
            throw self.restoreError(error, path, original)
        }
    }

    private static func examine(_ db: Database, _ original: String) throws -> BackupNote {
        let integrity = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard integrity == "ok" else {
            throw BackupError.unusable(path: original, problem: "is damaged: \(integrity)")
        }
        return try self.note(db, original)
    }

    /// Makes a plain store of a copy of a backup, which must be all right in every respect that can be checked.
    /// Blocks.
    ///
    /// - Parameters:
    ///   - path: The copy. It is changed: the note, and so the secrets, are wiped out of it.
    ///   - original: What the copy is of, for messages.
    /// - Returns: The note.
    public static func unpackBackup(_ path: String, copiedFrom original: String) throws(BackupError) -> BackupNote {
        do {
            let copy = try DatabaseQueue(path: path)
            let note = try copy.writeWithoutTransaction { db in
                let note = try self.examine(db, original)
                // Overwrites what is deleted: a store holds no secrets in clear.
                try db.execute(sql: "PRAGMA secure_delete = ON")
                try db.execute(sql: "DROP TABLE \(self.backupTable)")
                return note
            }
            try copy.close()
            return note
        } catch let error as BackupError {
            throw error
        } catch {
            throw self.restoreError(error, path, original)
        }
    }

    // MARK: - The note

    private static func write(_ note: BackupNote, _ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE \(self.backupTable) (
                    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
                    format INTEGER NOT NULL,
                    made_at INTEGER NOT NULL,
                    agent_version TEXT NOT NULL,
                    secrets TEXT NOT NULL
                ) STRICT
                """
        )
        try db.execute(
            sql: "INSERT INTO \(self.backupTable) VALUES (1, ?, ?, ?, ?)",
            arguments: [self.backupFormat, note.madeAt.milliseconds, note.agentVersion, note.secrets.revealed]
        )
    }

    private static func note(_ db: Database, _ original: String) throws -> BackupNote {
        guard try db.tableExists(self.backupTable), try db.tableExists("station") else {
            throw BackupError.unusable(path: original, problem: "is no backup of a station")
        }
        // These columns stay in all formats, so that a message can be told.
        let head = try Row.fetchOne(db, sql: "SELECT format, agent_version FROM \(self.backupTable)")
        guard let head, let format: Int = head["format"], let version: String = head["agent_version"] else {
            throw BackupError.unusable(path: original, problem: "is a backup that does not say how it was made")
        }
        guard try format <= self.backupFormat && !StationMigrator.make().hasBeenSuperseded(db) else {
            throw BackupError.newer(path: original, agentVersion: version)
        }
        let body = try Row.fetchOne(db, sql: "SELECT made_at, secrets FROM \(self.backupTable)")
        guard let body, let madeAt: Int64 = body["made_at"], let secrets: String = body["secrets"] else {
            throw BackupError.unusable(path: original, problem: "is a backup without the station's secrets")
        }
        return BackupNote(
            madeAt: Timestamp(milliseconds: madeAt), agentVersion: version, secrets: Secret(secrets)
        )
    }

    // MARK: - Faults

    private static func backupError(_ error: any Error, _ path: String) -> BackupError {
        let detail = self.detail(of: error)
        return switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_BUSY?, .SQLITE_LOCKED?: .busy(detail)
        case .SQLITE_CORRUPT?, .SQLITE_NOTADB?: .storeDamaged(detail)
        default: .unwritable(path: path, detail: detail)
        }
    }

    private static func restoreError(_ error: any Error, _ path: String, _ original: String) -> BackupError {
        let detail = self.detail(of: error)
        return switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_FULL?, .SQLITE_IOERR?, .SQLITE_CANTOPEN?, .SQLITE_READONLY?:
            .unwritable(path: path, detail: detail)
        case .SQLITE_NOTADB?: .unusable(path: original, problem: "is no backup of a station: \(detail)")
        default: .unusable(path: original, problem: "is damaged: \(detail)")
        }
    }

    /// The message alone: the SQL and its arguments hold secrets.
    private static func detail(of error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        // Of a backup the connection knows less than the code.
        let message = error.message == "not an error" ? nil : error.message
        return "\(message.map { "\($0), " } ?? "")SQLite code \(error.extendedResultCode)"
    }
}
