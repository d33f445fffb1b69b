import Glibc
import StationData

/// Room on the disk that is kept for one start: whoever else has filled the disk, the station comes up after a power cut,
/// people sign in and lights obey.
struct Ballast: Sendable {
    /// The log of the store, its index, and some thousand commits.
    static let byteCount = 8 << 20

    /// Where it lies.
    let directory: String

    private var path: String { "\(self.directory)/ballast" }

    private var isThere: Bool {
        var facts = stat()
        return stat(self.path, &facts) == 0 && facts.st_size >= Self.byteCount
    }

    /// Takes the room where there is plenty.
    ///
    /// - Returns: Whether it is taken.
    @discardableResult
    func take() -> Bool {
        if self.isThere { return true }
        guard let space = FreeSpace(path: self.directory),
            space.freeBytes > space.reservedBytes + UInt64(2 * Self.byteCount)
        else { return false }
        let file = open(self.path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        guard posix_fallocate(file, 0, off_t(Self.byteCount)) == 0 else {
            unlink(self.path)
            return false
        }
        return true
    }

    /// Gives the room back.
    ///
    /// - Returns: Whether there was any.
    func release() -> Bool {
        unlink(self.path) == 0
    }
}
