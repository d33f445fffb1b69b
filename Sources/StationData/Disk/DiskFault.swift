import GRDB

/// What a disk does to a store.
public enum DiskFault: String, Sendable, Hashable, CaseIterable {
    /// It has no room.
    case full
    /// It takes no writes: read-only, or broken.
    case unwritable
    /// It does not give back what was written.
    case unreadable
    /// What it gives back is no store.
    case damaged

    /// Whether all that was stored can still be read.
    public var leavesStoreReadable: Bool { self == .full || self == .unwritable }

    init?(_ error: DatabaseError) {
        switch error.extendedResultCode {
        // The index of the log cannot be made larger.
        case .SQLITE_FULL, .SQLITE_IOERR_SHMSIZE: self = .full
        case .SQLITE_READONLY, .SQLITE_IOERR_WRITE, .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC,
            .SQLITE_IOERR_TRUNCATE:
            self = .unwritable
        case .SQLITE_IOERR_READ, .SQLITE_IOERR_SHORT_READ, .SQLITE_IOERR_DATA, .SQLITE_IOERR_CORRUPTFS:
            self = .unreadable
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged
        default: return nil
        }
    }
}
