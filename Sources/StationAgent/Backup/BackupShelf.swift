import Glibc
import StationCore
import StationData

/// `DATA_DIR/backups`: the automatic backups. They are numbered, so that the newest is known whatever the clock said.
struct BackupShelf: Sendable {
    struct Entry: Sendable, Hashable {
        let number: Int
        let madeAt: Timestamp
        let path: String
        let byteCount: Int
    }

    static let maximumCount = 7
    /// All of them together; the newest stays whatever its size.
    static let maximumBytes = 2 << 30
    private static let prefix = "station-"
    private static let ending = ".backup"

    let directory: String

    /// Makes the directory if need be, shuts others out, and removes what a crash has left half-made.
    ///
    /// - Throws: `StorageError`.
    func prepare() throws(StorageError) {
        guard mkdir(self.directory, 0o700) == 0 || errno == EEXIST else {
            throw StorageError(self.directory, cannotBe: "made", code: errno)
        }
        guard chmod(self.directory, 0o700) == 0 else {
            throw StorageError(self.directory, cannotBe: "closed to others", code: errno)
        }
        for name in DirectoryListing.names(in: self.directory)
        where name.hasPrefix(Self.prefix) && name.contains("\(Self.ending).") {
            unlink("\(self.directory)/\(name)")
        }
    }

    /// The backups that are there, the newest first.
    func entries() -> [Entry] {
        DirectoryListing.names(in: self.directory).compactMap(self.entry).sorted { $0.number > $1.number }
    }

    /// Where the next one is to be.
    func nextPath(at time: Timestamp) -> String {
        let number = String((self.entries().first?.number ?? 0) + 1)
        let zeros = String(repeating: "0", count: max(0, 6 - number.count))
        return "\(self.directory)/\(Self.prefix)\(zeros)\(number)-\(NameTime.text(of: time))\(Self.ending)"
    }

    /// How much all of them may take: half of what there would be without them, and never more than 2 GiB.
    static func budget(_ space: FreeSpace, taken: Int) -> Int {
        min(Self.maximumBytes, Int(clamping: space.freeBytes / 2) + taken / 2)
    }

    /// Removes the oldest beyond number and size; the newest stays.
    func tidy(within budget: Int) throws(StorageError) {
        var bytes = 0
        for (position, entry) in self.entries().enumerated() {
            bytes += entry.byteCount
            guard position > 0, position >= Self.maximumCount || bytes > budget else { continue }
            try self.remove(entry)
        }
    }

    func remove(_ entry: Entry) throws(StorageError) {
        guard unlink(entry.path) == 0 || errno == ENOENT else {
            throw StorageError(entry.path, cannotBe: "removed", code: errno)
        }
    }

    /// `nil` for what an agent has not put there.
    private func entry(_ name: String) -> Entry? {
        guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.ending) else { return nil }
        let parts = name.dropFirst(Self.prefix.count).dropLast(Self.ending.count).split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), number > 0, let madeAt = NameTime.time(parts[1]) else {
            return nil
        }
        var facts = stat()
        let path = "\(self.directory)/\(name)"
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        return Entry(number: number, madeAt: madeAt, path: path, byteCount: Int(facts.st_size))
    }
}
