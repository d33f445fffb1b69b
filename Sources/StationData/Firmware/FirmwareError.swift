import Glibc
public import StationCore

/// Why something about firmware is not done.
public enum FirmwareError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such firmware, or none any more.
    case notFound(String)
    /// There is no such file in the firmware directory, or it is no plain file.
    case noFile(String)
    case image(FirmwareImageFault)
    case wrongChip(declared: FirmwareChip, image: FirmwareChip)
    case wrongChecksum(expected: FileChecksum, actual: FileChecksum)
    case wrongSize(expected: Int, actual: Int)
    case manifest(FirmwareManifestFault)
    /// The manifest says something else about a file than the caller.
    case notInManifest(String)
    /// The file does not have the length any more that it had when it was registered.
    case changedFile(String)
    case tooManyUploads(limit: Int)
    /// A device reports faster than it may.
    case tooManyReports
    /// The file system refuses; the text is for the log.
    case storage(String)

    public var description: String {
        switch self {
        case .notFound(let id): "There is no firmware “\(id)”."
        case .noFile(let name): "There is no file “\(name)” in the firmware directory."
        case .image(let fault): fault.description
        case .wrongChip(let declared, let image): "The image is for the chip \(image), not for \(declared)."
        case .wrongChecksum(let expected, let actual): "The SHA-256 of the file is \(actual); it should be \(expected)."
        case .wrongSize(let expected, let actual): "The file has \(actual) bytes; it should have \(expected)."
        case .manifest(let fault): fault.description
        case .notInManifest(let message): message
        case .changedFile(let name): "The file “\(name)” has been changed since it was registered."
        case .tooManyUploads(let limit): "There are \(limit) uploads under way already; try again when one has ended."
        case .tooManyReports: "The device reports too fast."
        case .storage(let detail): "The firmware directory cannot be used: \(detail)"
        }
    }

    /// A system call failed; `action` completes “cannot be …”.
    static func storage(_ path: String, cannotBe action: String) -> FirmwareError {
        .storage("\(path) cannot be \(action): \(String(cString: strerror(errno)))")
    }
}
