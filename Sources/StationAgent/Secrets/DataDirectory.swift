import Glibc

/// The directory in which everything is kept: there, and closed to others (mode 0700).
struct DataDirectory: Sendable {
    private static let privateMode: mode_t = 0o700

    let path: String

    /// Makes the directory and the parents that it lacks, and shuts others out.
    ///
    /// A directory that holds things of others keeps its mode: shutting everybody out of /tmp because somebody wrote
    /// `DATA_DIR=/tmp` would do harm.
    ///
    /// - Returns: whether only the agent's user can look into it.
    /// - Throws: `StorageError` with the path and what to do.
    @discardableResult
    func prepare() throws(StorageError) -> Bool {
        try self.make()
        var facts = stat()
        guard stat(self.path, &facts) == 0 else {
            throw StorageError(self.path, cannotBe: "looked at", code: errno)
        }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            throw StorageError(
                kind: .inputOutput, path: self.path, problem: "is not a directory",
                remedy: "Remove it, or set DATA_DIR to a directory")
        }
        guard access(self.path, R_OK | W_OK | X_OK) == 0 else {
            throw StorageError(self.path, cannotBe: "written to", code: errno)
        }
        guard facts.st_mode & 0o077 != 0 else { return true }
        guard try self.isOwn() else { return false }
        return chmod(self.path, Self.privateMode) == 0
    }

    private func make() throws(StorageError) {
        guard BoundedFile.kind(of: self.path) == .absent else { return }
        var missing: [String] = []
        var parent = self.path
        while let slash = parent.lastIndex(of: "/"), slash > parent.startIndex {
            parent = String(parent[..<slash])
            guard BoundedFile.kind(of: parent) == .absent else { break }
            missing.insert(parent, at: 0)
        }
        for directory in missing {
            guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
                throw StorageError(directory, cannotBe: "made", code: errno)
            }
        }
        guard mkdir(self.path, Self.privateMode) == 0 || errno == EEXIST else {
            throw StorageError(self.path, cannotBe: "made", code: errno)
        }
    }

    /// Whether nothing but the agent's own files can be in there.
    private func isOwn() throws(StorageError) -> Bool {
        guard let directory = opendir(self.path) else {
            throw StorageError(self.path, cannotBe: "listed", code: errno)
        }
        defer { closedir(directory) }
        var isEmpty = true
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "secrets.json" || name == "station.sqlite" { return true }
            if name != ".", name != ".." { isEmpty = false }
        }
        return isEmpty
    }
}
