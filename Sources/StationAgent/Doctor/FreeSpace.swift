import Glibc

/// How much room a file system has.
struct FreeSpace: Sendable, Hashable {
    let freeBytes: UInt64
    let totalBytes: UInt64

    /// The file system on which a path lies; `nil` when there is no such path.
    init?(path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        self.freeBytes = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        self.totalBytes = UInt64(status.f_blocks) * UInt64(status.f_frsize)
    }

    /// The free room in MiB, as people read it.
    var description: String { "\(self.freeBytes >> 20) MiB free of \(self.totalBytes >> 20)" }
}
