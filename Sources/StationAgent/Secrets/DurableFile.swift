import Glibc

/// Writing a file so that after a power cut there is either the old one or the new one, whole.
enum DurableFile {
    /// Writes a file that must not be there yet. Made by root, it belongs to whom its directory belongs to.
    ///
    /// - Returns: false if somebody else was first; then nothing has been changed.
    static func create(_ path: String, _ bytes: [UInt8]) throws(StorageError) -> Bool {
        let temporary = try self.writeTemporary(beside: path, bytes)
        // Whatever happens, the file is either in its place under its other name or not wanted.
        defer { unlink(temporary) }
        try self.giveToOwner(ofDirectory: path, temporary)
        guard link(temporary, path) == 0 else {
            if errno == EEXIST { return false }
            throw StorageError(path, cannotBe: "made", code: errno)
        }
        try self.synchronizeDirectory(of: path)
        return true
    }

    /// Puts a file in the place of the one that is there, or where there is none.
    ///
    /// Made by root, it belongs to whom its directory belongs to: the user who is to read it.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(StorageError) {
        let temporary = try self.writeTemporary(beside: path, bytes)
        do throws(StorageError) {
            try self.giveToOwner(ofDirectory: path, temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw StorageError(path, cannotBe: "replaced", code: code)
        }
        try self.synchronizeDirectory(of: path)
    }

    /// Has a file of any size made under another name beside its place (mode 0600), and gives it its own when it is
    /// whole.
    ///
    /// - Parameter remedy: What to do when the place is no good.
    /// - Returns: false if something is there already, were it a symbolic link that leads nowhere; then nothing has
    ///   been changed.
    /// - Throws: `StorageError`, and what `body` throws.
    static func build(_ path: String, remedy: String, _ body: (_ temporary: String) throws -> Void) throws -> Bool {
        guard !self.isThere(path) else { return false }
        let (temporary, descriptor) = try self.makeTemporary(beside: path, remedy: remedy)
        defer {
            close(descriptor)
            unlink(temporary)
        }
        try body(temporary)
        guard fsync(descriptor) == 0 else {
            throw StorageError(path, cannotBe: "written", code: errno, remedy: remedy)
        }
        if link(temporary, path) != 0 {
            let code = errno
            if code == EEXIST { return false }
            // A file system without hard links, such as that of many a memory stick.
            guard code == EPERM || code == EOPNOTSUPP, !self.isThere(path), rename(temporary, path) == 0 else {
                throw StorageError(path, cannotBe: "made", code: code, remedy: remedy)
            }
        }
        try self.synchronizeDirectory(of: path)
        return true
    }

    /// Copies a file of any size to a new one of mode 0600, durably but for its name.
    static func copy(_ source: String, to path: String) throws(StorageError) {
        let choose = "Name a file that `station-agent backup` made"
        // Not waiting for a writer, should it be a pipe.
        let input = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard input >= 0 else { throw StorageError(source, cannotBe: "read", code: errno, remedy: choose) }
        defer { close(input) }
        var facts = stat()
        guard fstat(input, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw StorageError(kind: .inputOutput, path: source, problem: "is no file", remedy: choose)
        }
        let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard output >= 0 else { throw StorageError(path, cannotBe: "made", code: errno) }
        defer { close(output) }
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(input, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw StorageError(source, cannotBe: "read", code: errno, remedy: choose) }
            let code = count > 0 ? self.write(chunk[..<count], to: output) : self.flush(output)
            guard code == 0 else { throw StorageError(path, cannotBe: "written", code: code) }
            if count == 0 { return }
        }
    }

    /// Whether there is anything of that name; a symbolic link counts for itself.
    static func isThere(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0
    }

    /// Gives what root has made to the owner of the directory in which `path` is.
    static func giveToOwner(ofDirectory path: String, _ made: String) throws(StorageError) {
        guard geteuid() == 0 else { return }
        var facts = stat()
        let directory = self.directory(of: path)
        guard stat(directory, &facts) == 0 else { throw StorageError(directory, cannotBe: "looked at", code: errno) }
        guard lchown(made, facts.st_uid, facts.st_gid) == 0 else {
            throw StorageError(made, cannotBe: "given to the owner of \(directory)", code: errno)
        }
    }

    private static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    private static func writeTemporary(beside path: String, _ bytes: [UInt8]) throws(StorageError) -> String {
        let (temporary, descriptor) = try self.makeTemporary(beside: path)
        var code = self.write(bytes[...], to: descriptor)
        if code == 0 { code = self.flush(descriptor) }
        close(descriptor)
        guard code == 0 else {
            unlink(temporary)
            throw StorageError(path, cannotBe: "written", code: code)
        }
        return temporary
    }

    private static func makeTemporary(
        beside path: String, remedy: String? = nil
    ) throws(StorageError) -> (path: String, descriptor: Int32) {
        // In the same directory, since a rename does not cross file systems; mkstemp makes it with mode 0600.
        var template = Array("\(path).XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw StorageError(path, cannotBe: "written", code: errno, remedy: remedy) }
        return (String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self), descriptor)
    }

    /// Returns 0 or `errno`.
    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32 {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            written += count
        }
        return 0
    }

    /// Returns 0 or `errno`.
    private static func flush(_ descriptor: Int32) -> Int32 {
        fsync(descriptor) == 0 ? 0 : errno
    }

    /// Makes names durable: that of a file that is new, was renamed or was removed.
    static func synchronizeDirectory(of path: String) throws(StorageError) {
        let parent = self.directory(of: path)
        let descriptor = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError(parent, cannotBe: "opened", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StorageError(parent, cannotBe: "written", code: errno) }
    }
}
