import Foundation

/// What SQLite has written ahead of the database file: the true number of commits, and so of syncs to the card.
struct WriteAheadLog {
    let commits: Int
    let bytes: Int

    /// - Parameter path: Of the database file. The log must not have been restarted meanwhile: a few hundred pages.
    init(of path: String) throws {
        let log = [UInt8](try Data(contentsOf: URL(filePath: path + "-wal")))
        func word(_ offset: Int) -> UInt32 { log[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
        guard log.count >= 32 else {
            (self.commits, self.bytes) = (0, 0)
            return
        }
        let (pageSize, salt) = (Int(word(8)), [word(16), word(20)])
        var offset = 32
        var commits = 0
        while offset + 24 + pageSize <= log.count, [word(offset + 8), word(offset + 12)] == salt {
            // The last frame of a transaction carries the size of the database after it.
            if word(offset + 4) != 0 { commits += 1 }
            offset += 24 + pageSize
        }
        self.commits = commits
        self.bytes = offset
    }
}
