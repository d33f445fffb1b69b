import Glibc

/// Writing a small file so that after a power cut there is either the old one or the new one, whole.
enum DurableFile {
    /// Writes a file that must not be there yet.
    ///
    /// - Returns: false if somebody else was first; then nothing has been changed.
    static func create(_ path: String, _ bytes: [UInt8]) throws(StorageError) -> Bool {
        let temporary = try self.writeTemporary(beside: path, bytes)
        // Whatever happens, the file is either in its place under its other name or not wanted.
        defer { unlink(temporary) }
        guard link(temporary, path) == 0 else {
            if errno == EEXIST { return false }
            throw StorageError(path, cannotBe: "made", code: errno)
        }
        try self.synchronizeDirectory(of: path)
        return true
    }

    /// Puts a file in the place of the one that is there.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(StorageError) {
        let temporary = try self.writeTemporary(beside: path, bytes)
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw StorageError(path, cannotBe: "replaced", code: code)
        }
        try self.synchronizeDirectory(of: path)
    }

    private static func writeTemporary(beside path: String, _ bytes: [UInt8]) throws(StorageError) -> String {
        // In the same directory, since a rename does not cross file systems; mkstemp makes it with mode 0600.
        var template = Array("\(path).XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw StorageError(path, cannotBe: "written", code: errno) }
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let code = self.write(bytes, to: descriptor)
        close(descriptor)
        guard code == 0 else {
            unlink(temporary)
            throw StorageError(path, cannotBe: "written", code: code)
        }
        return temporary
    }

    /// Returns 0 or `errno`.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            written += count
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    /// Makes the new name durable.
    private static func synchronizeDirectory(of path: String) throws(StorageError) {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError(parent, cannotBe: "opened", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StorageError(parent, cannotBe: "written", code: errno) }
    }
}
