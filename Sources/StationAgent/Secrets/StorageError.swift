import Glibc

/// Something about the data directory that keeps the agent from working: which file, what is wrong, what to do.
struct StorageError: Error, Sendable, Hashable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        /// The file system refuses.
        case inputOutput
        /// What is in the file is not what the agent wrote.
        case damaged
        /// Another agent works there; `pid` is nil if it did not say who it is.
        case inUse(pid: Int32?)
    }

    let kind: Kind
    let path: String
    let problem: String
    let remedy: String
    /// `errno`, where a system call failed.
    private let code: Int32?

    /// Whether there was no room.
    var isWantOfRoom: Bool { self.code == ENOSPC || self.code == EDQUOT }

    init(kind: Kind, path: String, problem: String, remedy: String) {
        self.init(kind: kind, path: path, problem: problem, remedy: remedy, code: nil)
    }

    private init(kind: Kind, path: String, problem: String, remedy: String, code: Int32?) {
        self.code = code
        self.kind = kind
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    /// A system call failed; `action` completes “cannot be …”.
    init(_ path: String, cannotBe action: String, code: Int32, remedy: String? = nil) {
        let suggestion =
            switch code {
            case EACCES, EPERM: "Give the agent's user access to it, or set DATA_DIR to a directory of its own"
            case EROFS: "Set DATA_DIR to a file system that can be written to"
            case ENOSPC, EDQUOT: "Free some room on that file system"
            case ENOTDIR, ENOENT: "Set DATA_DIR to a path whose parents are directories in which others can be made"
            default: "Look at the system log for faults of the disk"
            }
        self.init(
            kind: .inputOutput, path: path, problem: "cannot be \(action): \(String(cString: strerror(code)))",
            remedy: remedy ?? suggestion, code: code)
    }

    var description: String { "\(self.path) \(self.problem). \(self.remedy)." }
}
