import Dispatch
import Glibc
import StationCore
import Synchronization

/// The directory of the images (contract 7, `DATA_DIR/firmware`), and the one place where its files are touched.
///
/// Everything that waits for the disk is done on a queue of its own. Names are `FirmwareFileName`s, so that nothing
/// leads out of the directory, and no symbolic link in it is followed.
public final class FirmwareDirectory: Sendable {
    /// So many uploads may be under way at one time.
    public static let maximumUploads = 4
    /// Uploads that are not complete; hidden, and so no `FirmwareFileName`.
    private static let temporaryPrefix = ".upload-"

    public let path: String
    private let queue = DispatchQueue(label: "station.firmware")
    private let uploads = Mutex(0)

    public init(path: String) {
        self.path = path
    }

    /// Makes the directory if need be, shuts others out (mode 0700), and removes what uploads left behind that a crash
    /// has cut short. To be called once, before anything else.
    ///
    /// - Throws: `FirmwareError.storage`.
    public func prepare() async throws(FirmwareError) {
        try await self.perform { () throws(FirmwareError) in
            guard mkdir(self.path, 0o700) == 0 || errno == EEXIST else {
                throw .storage(self.path, cannotBe: "made")
            }
            let descriptor = Glibc.open(self.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { throw .storage(self.path, cannotBe: "opened") }
            defer { close(descriptor) }
            guard fchmod(descriptor, 0o700) == 0 else { throw .storage(self.path, cannotBe: "closed to others") }
            try self.removeLeftovers()
        }
    }

    private func removeLeftovers() throws(FirmwareError) {
        guard let directory = opendir(self.path) else { throw .storage(self.path, cannotBe: "listed") }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(Self.temporaryPrefix) { unlink("\(self.path)/\(name)") }
        }
    }

    /// Runs something that waits for the disk, where nobody else waits for it.
    func perform<Result: Sendable>(
        _ body: @escaping @Sendable () throws(FirmwareError) -> Result
    ) async throws(FirmwareError) -> Result {
        let result = await withCheckedContinuation { continuation in
            self.queue.async {
                do throws(FirmwareError) {
                    continuation.resume(returning: Swift.Result<Result, FirmwareError>.success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    func path(of file: FirmwareFileName) -> String { "\(self.path)/\(file)" }

    // MARK: Reading

    /// Opens a file to be read, whatever happens to its name afterwards.
    ///
    /// - Throws: `FirmwareError.noFile`, `.storage`.
    func open(_ file: FirmwareFileName) async throws(FirmwareError) -> FirmwareFile {
        try await self.perform { () throws(FirmwareError) in
            // Not blocking: a pipe that somebody put there would wait for a writer.
            let descriptor = Glibc.open(self.path(of: file), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else {
                if errno == ENOENT || errno == ELOOP { throw .noFile(file.description) }
                throw .storage(self.path(of: file), cannotBe: "opened")
            }
            var facts = stat()
            guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
                close(descriptor)
                throw .noFile(file.description)
            }
            return FirmwareFile(name: file, descriptor: descriptor, size: Int(facts.st_size), in: self)
        }
    }

    /// Reads the manifest.
    ///
    /// - Throws: `FirmwareError.noFile`, `.manifest`, `.storage`.
    func manifest() async throws(FirmwareError) -> FirmwareManifest {
        guard let name = FirmwareFileName(FirmwareManifest.fileName) else { throw .noFile(FirmwareManifest.fileName) }
        let file = try await self.open(name)
        guard file.size <= FirmwareManifest.maximumSize else {
            throw .manifest(
                FirmwareManifestFault("", "has \(file.size) bytes; at most \(FirmwareManifest.maximumSize) are read")
            )
        }
        let bytes = try await file.read(at: 0, count: file.size)
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue.parse(bytes)
        } catch {
            throw .manifest(FirmwareManifestFault("", "is no JSON: \(error)"))
        }
        do throws(FirmwareManifestFault) {
            return try FirmwareManifest(json)
        } catch {
            throw .manifest(error)
        }
    }

    // MARK: Writing

    /// Begins to receive an image; nothing of it is seen before it is complete.
    ///
    /// - Throws: `FirmwareError.tooManyUploads`, `.storage`.
    public func beginUpload() async throws(FirmwareError) -> FirmwareUpload {
        let isAdmitted = self.uploads.withLock { count in
            guard count < Self.maximumUploads else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { throw .tooManyUploads(limit: Self.maximumUploads) }
        do throws(FirmwareError) {
            return try await self.perform { () throws(FirmwareError) in
                var template = Array("\(self.path)/\(Self.temporaryPrefix)XXXXXX".utf8CString)
                // With mode 0600.
                let descriptor = mkstemp(&template)
                guard descriptor >= 0 else { throw .storage(self.path, cannotBe: "written to") }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
                return FirmwareUpload(path: path, descriptor: descriptor, in: self)
            }
        } catch {
            self.uploadEnded()
            throw error
        }
    }

    func uploadEnded() {
        self.uploads.withLock { $0 -= 1 }
    }

    /// Makes names in the directory durable.
    func synchronize() throws(FirmwareError) {
        let descriptor = Glibc.open(self.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .storage(self.path, cannotBe: "opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .storage(self.path, cannotBe: "written") }
    }

    /// Forgets a file; one that is not there is forgotten already.
    func remove(_ file: FirmwareFileName) {
        unlink(self.path(of: file))
    }
}
