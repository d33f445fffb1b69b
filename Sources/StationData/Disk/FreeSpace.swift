import Glibc

/// How much room a file system has.
public struct FreeSpace: Sendable, Hashable, CustomStringConvertible {
    /// Readings do not take the last room of a disk: so much of it is left to what must be committed.
    private static let largestReserve: UInt64 = 64 << 20
    /// Of a small file system a part.
    private static let reservedPart: UInt64 = 20

    public let freeBytes: UInt64
    public let totalBytes: UInt64

    public init(freeBytes: UInt64, totalBytes: UInt64) {
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
    }

    /// The file system on which a path lies; `nil` when there is no such path.
    public init?(path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        self.init(
            freeBytes: UInt64(status.f_bavail) * UInt64(status.f_frsize),
            totalBytes: UInt64(status.f_blocks) * UInt64(status.f_frsize)
        )
    }

    /// What is kept for identity, tokens, commands and status.
    public var reservedBytes: UInt64 { min(Self.largestReserve, self.totalBytes / Self.reservedPart) }

    /// The free room in MiB, as people read it.
    public var description: String { "\(self.freeBytes >> 20) MiB free of \(self.totalBytes >> 20)" }
}
