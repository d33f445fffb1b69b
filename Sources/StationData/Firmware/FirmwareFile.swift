import Crypto
import Glibc
public import StationCore

/// An open file of the firmware directory; closed when nobody holds it any more.
public final class FirmwareFile: Sendable {
    public static let chunkSize = 64 * 1024

    public let name: FirmwareFileName
    /// In bytes, when it was opened.
    public let size: Int
    private let descriptor: Int32
    private let directory: FirmwareDirectory

    init(name: FirmwareFileName, descriptor: Int32, size: Int, in directory: FirmwareDirectory) {
        self.name = name
        self.size = size
        self.descriptor = descriptor
        self.directory = directory
    }

    deinit {
        close(self.descriptor)
    }

    /// Reads a part of the file.
    ///
    /// - Throws: `FirmwareError.changedFile` when it ends before that, `.storage`.
    public func read(at offset: Int, count: Int) async throws(FirmwareError) -> [UInt8] {
        try await self.directory.perform { () throws(FirmwareError) in
            var bytes = [UInt8](repeating: 0, count: count)
            var filled = 0
            while filled < count {
                let number = bytes.withUnsafeMutableBytes { buffer in
                    pread(
                        self.descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, offset + filled
                    )
                }
                if number < 0, errno == EINTR { continue }
                guard number >= 0 else { throw .storage(self.name.description, cannotBe: "read") }
                guard number > 0 else { throw .changedFile(self.name.description) }
                filled += number
            }
            return bytes
        }
    }

    /// Looks at the whole file.
    ///
    /// - Throws: `FirmwareError.image` for what is no image, `.changedFile`, `.storage`.
    func inspect() async throws(FirmwareError) -> FirmwareImage {
        guard self.size <= FirmwareImageHeader.maximumImageSize else { throw .image(.tooLarge) }
        let header = try FirmwareImage.header(
            of: try await self.read(at: 0, count: min(self.size, FirmwareImageHeader.size))
        )
        var hash = SHA256()
        var offset = 0
        while offset < self.size {
            let chunk = try await self.read(at: offset, count: min(self.size - offset, Self.chunkSize))
            hash.update(data: chunk)
            offset += chunk.count
        }
        return try FirmwareImage(header: header, size: self.size, digest: hash.finalize())
    }
}
