import Crypto
import StationCore

/// What was found in the file of an image.
struct FirmwareImage: Sendable {
    let header: FirmwareImageHeader
    /// In bytes.
    let size: Int
    let checksum: FileChecksum

    /// - Throws: Never in practice: a SHA-256 has the length of a checksum.
    init(header: FirmwareImageHeader, size: Int, digest: SHA256.Digest) throws(FirmwareError) {
        guard let checksum = FileChecksum(bytes: digest) else { throw .storage("SHA-256 has another length") }
        self.header = header
        self.size = size
        self.checksum = checksum
    }

    /// - Throws: `FirmwareError.image`.
    static func header(of bytes: [UInt8]) throws(FirmwareError) -> FirmwareImageHeader {
        do throws(FirmwareImageFault) {
            return try FirmwareImageHeader(bytes)
        } catch {
            throw .image(error)
        }
    }

    /// Compares with what somebody says of the image.
    ///
    /// - Throws: `FirmwareError.wrongChip`, `.wrongChecksum`, `.wrongSize`.
    func check(chip: FirmwareChip?, checksum: FileChecksum?, size: Int? = nil) throws(FirmwareError) {
        if let size, size != self.size { throw .wrongSize(expected: size, actual: self.size) }
        if let checksum, checksum != self.checksum {
            throw .wrongChecksum(expected: checksum, actual: self.checksum)
        }
        if let chip, chip != self.header.chip { throw .wrongChip(declared: chip, image: self.header.chip) }
    }
}
