import Crypto
import Glibc
import StationCore
import Synchronization

/// An image that is being received into a file of its own; gone, file and all, unless it is put into its place.
public final class FirmwareUpload: Sendable {
    private struct State {
        var hash = SHA256()
        /// The first bytes, for the header.
        var head: [UInt8] = []
        var size = 0
        var isPlaced = false
    }

    private let path: String
    private let descriptor: Int32
    private let directory: FirmwareDirectory
    private let state = Mutex(State())

    init(path: String, descriptor: Int32, in directory: FirmwareDirectory) {
        self.path = path
        self.descriptor = descriptor
        self.directory = directory
    }

    deinit {
        close(self.descriptor)
        if !self.state.withLock({ $0.isPlaced }) { unlink(self.path) }
        self.directory.uploadEnded()
    }

    /// Takes the next part of the image.
    ///
    /// - Throws: `FirmwareError.image` as soon as it is plain that it is none, or that it is too large; `.storage`.
    public func append(_ bytes: [UInt8]) async throws(FirmwareError) {
        try await self.directory.perform { () throws(FirmwareError) in
            try self.take(bytes)
            try self.write(bytes)
        }
    }

    private func take(_ bytes: [UInt8]) throws(FirmwareError) {
        let (head, size) = self.state.withLock { state in
            state.hash.update(data: bytes)
            state.head += bytes.prefix(FirmwareImageHeader.size - state.head.count)
            state.size += bytes.count
            return (state.head, state.size)
        }
        guard size <= FirmwareImageHeader.maximumImageSize else { throw .image(.tooLarge) }
        if head.count == FirmwareImageHeader.size { _ = try FirmwareImage.header(of: head) }
    }

    private func write(_ bytes: [UInt8]) throws(FirmwareError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(self.descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .storage(self.path, cannotBe: "written") }
            written += count
        }
    }

    /// Makes what was received durable and looks at it.
    ///
    /// - Throws: `FirmwareError.image`, `.storage`.
    func finish() async throws(FirmwareError) -> FirmwareImage {
        try await self.directory.perform { () throws(FirmwareError) in
            let state = self.state.withLock { $0 }
            let header = try FirmwareImage.header(of: state.head)
            guard fsync(self.descriptor) == 0 else { throw .storage(self.path, cannotBe: "written") }
            return try FirmwareImage(header: header, size: state.size, digest: state.hash.finalize())
        }
    }

    /// Gives the file its name, in the place of any that has it: the caller has made sure that this one is nobody's.
    func place(as file: FirmwareFileName) throws(FirmwareError) {
        let path = self.directory.path(of: file)
        guard rename(self.path, path) == 0 else { throw .storage(path, cannotBe: "made") }
        self.state.withLock { $0.isPlaced = true }
        try self.directory.synchronize()
    }
}
