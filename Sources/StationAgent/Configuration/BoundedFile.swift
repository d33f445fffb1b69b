import Glibc

/// Reading small files whole, with a limit and with errors that can be shown.
enum BoundedFile {
    /// What a path leads to, as far as this process may know.
    enum Kind: Hashable {
        case file
        case directory
        case absent
        /// The process may not look there.
        case unknown
    }

    /// Why a file was not read.
    struct Fault: Error, Hashable, CustomStringConvertible {
        let path: String
        /// `errno`, or nil if the file was too large.
        let code: Int32?
        let description: String

        init(path: String, code: Int32) {
            self.path = path
            self.code = code
            self.description = "\(path) cannot be read: \(String(cString: strerror(code)))"
        }

        init(path: String, largerThan limit: Int) {
            self.path = path
            self.code = nil
            self.description = "\(path) is larger than \(limit) bytes"
        }

        var isAbsence: Bool { self.code == ENOENT || self.code == ENOTDIR }
    }

    static func kind(of path: String) -> Kind {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return errno == ENOENT || errno == ENOTDIR ? .absent : .unknown }
        return facts.st_mode & S_IFMT == S_IFDIR ? .directory : .file
    }

    static func read(_ path: String, limit: Int) throws(Fault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(path: path, code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Fault(path: path, code: errno) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw Fault(path: path, largerThan: limit) }
        }
    }
}
