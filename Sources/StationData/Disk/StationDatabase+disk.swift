import GRDB
import Glibc
public import StationCore

extension StationDatabase {
    /// The write-ahead log is folded into the file by the way; beyond so many bytes it is seen to.
    static let largestLog = 64 << 20

    /// SQLite's own check of all pages of a file, before anything is done with it. Blocks, and reads all of it.
    ///
    /// - Returns: What is wrong; `nil` when nothing is, or when there is no file.
    /// - Throws: `StoreError.disk` when not even that can be found out, `.unavailable`.
    public static func checkIntegrity(ofFileAt path: String) throws(StoreError) -> String? {
        guard Self.size(of: path) > 0 else { return nil }
        let found = try StoreError.wrap("checking \(path)") {
            var configuration = Configuration()
            configuration.busyMode = .timeout(Self.busyTimeout)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let found = try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") ?? "no answer" }
            try queue.close()
            return found
        }
        return found == "ok" ? nil : found
    }

    /// Whose store a file is, as far as it can be read; it is not changed.
    public static func stationID(inFileAt path: String) -> StationID? {
        guard Self.size(of: path) > 0 else { return nil }
        do {
            let queue = try DatabaseQueue(path: path)
            let text = try queue.read { try String.fetchOne($0, sql: "SELECT id FROM station") }
            try queue.close()
            return text.flatMap { StationID($0) }
        } catch {
            // Whatever is wrong with it: it does not say.
            return nil
        }
    }

    /// The room that the disk has; `nil` in memory.
    func freeSpace() -> FreeSpace? {
        self.path.flatMap { FreeSpace(path: $0) }
    }

    var storeBytes: Int { self.path.map(Self.size(of:)) ?? 0 }

    var logBytes: Int { self.path.map { Self.size(of: "\($0)-wal") } ?? 0 }

    /// Folds the write-ahead log into the file and gives its room back, unless others are reading from it.
    func foldLog() async throws(StoreError) {
        guard self.path != nil else { return }
        try await StoreError.wrapping("folding the log into the database") {
            try await self.writer.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        }
    }

    private static func size(of path: String) -> Int {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
    }
}
