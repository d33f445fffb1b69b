import GRDB
import Testing

/// Ways in which a store fails while the agent runs, done to the file from outside as a disk would.
enum Breakage: String, CaseIterable, CustomTestStringConvertible {
    /// `devices` can be neither read nor written.
    case unreadable
    /// Reading works, every write to `devices` fails at once.
    case unwritable
    /// Everything works until the commit itself, which fails.
    case commitFails

    var testDescription: String { self.rawValue }
}

extension TestStation {
    func breakStore(_ breakage: Breakage) throws {
        switch breakage {
        case .unreadable:
            try self.execute("ALTER TABLE devices RENAME TO devices_away")
        case .unwritable:
            for event in ["INSERT", "UPDATE"] {
                try self.execute(
                    """
                    CREATE TRIGGER refuse_\(event) BEFORE \(event) ON devices
                    BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END
                    """
                )
            }
        case .commitFails:
            try self.execute(
                "CREATE TABLE poison (nobody TEXT REFERENCES devices (id) DEFERRABLE INITIALLY DEFERRED)"
            )
            for (table, event) in [("devices", "INSERT"), ("devices", "UPDATE"), ("reading_journal", "INSERT")] {
                try self.execute(
                    """
                    CREATE TRIGGER poison_\(table)_\(event) AFTER \(event) ON \(table)
                    BEGIN INSERT INTO poison VALUES ('nobody'); END
                    """
                )
            }
        }
    }

    func repairStore(_ breakage: Breakage) throws {
        switch breakage {
        case .unreadable:
            try self.execute("ALTER TABLE devices_away RENAME TO devices")
        case .unwritable:
            try self.execute("DROP TRIGGER refuse_INSERT; DROP TRIGGER refuse_UPDATE")
        case .commitFails:
            try self.execute(
                """
                DROP TRIGGER poison_devices_INSERT; DROP TRIGGER poison_devices_UPDATE;
                DROP TRIGGER poison_reading_journal_INSERT; DROP TABLE poison
                """
            )
        }
    }

    /// Lets other processes write nothing until the connection is closed.
    func lockedByAnother(_ body: () async throws -> Void) async throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: self.path, configuration: configuration)
        try queue.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        do {
            try await body()
        } catch {
            try queue.inDatabase { try $0.execute(sql: "ROLLBACK") }
            throw error
        }
        try queue.inDatabase { try $0.execute(sql: "ROLLBACK") }
        try queue.close()
    }
}
