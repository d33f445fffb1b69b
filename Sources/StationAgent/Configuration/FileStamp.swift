import Glibc

/// What tells one state of a file from another without reading it.
struct FileStamp: Hashable {
    private let device: UInt
    private let number: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// `nil` when there is no such file, or none that the process may look at.
    init?(path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        self.device = facts.st_dev
        self.number = facts.st_ino
        self.size = facts.st_size
        self.seconds = facts.st_mtim.tv_sec
        self.nanoseconds = facts.st_mtim.tv_nsec
    }
}
