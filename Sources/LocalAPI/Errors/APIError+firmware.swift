import HTTPTypes
import StationCore
import StationData

extension APIError {
    init(_ error: FirmwareError) {
        let message = error.description
        switch error {
        case .notFound: self.init(.notFound, "firmware_not_found", message)
        case .noFile: self.init(.notFound, "firmware_file_not_found", message)
        case .image(.tooLarge): self = .bodyTooLarge(FirmwareImageHeader.maximumImageSize)
        case .image: self.init(.unprocessableContent, "firmware_invalid", message)
        case .wrongChip: self.init(.unprocessableContent, "firmware_wrong_chip", message)
        case .wrongChecksum, .wrongSize: self.init(.unprocessableContent, "firmware_checksum_mismatch", message)
        case .manifest, .notInManifest: self.init(.unprocessableContent, "firmware_manifest_invalid", message)
        case .changedFile: self.init(.serviceUnavailable, "firmware_changed", message)
        case .tooManyUploads, .tooManyReports:
            self.init(.tooManyRequests, "too_many_requests", message)
            self.headers = [.retryAfter: "5"]
        case .storage:
            // The cause may name paths: it is for the log.
            self.init(.serviceUnavailable, "firmware_unavailable", "The firmware directory cannot be used just now.")
        }
    }

    /// A device speaks for another one.
    static let otherDevice = APIError(
        .forbidden, "other_device", "A device may speak for itself only: the id is not that of the token."
    )

    static func rangeNotSatisfiable(size: Int) -> APIError {
        var error = APIError(
            .rangeNotSatisfiable, "range_not_satisfiable", "The range lies beyond the \(size) bytes that there are."
        )
        error.headers = [.contentRange: "bytes */\(size)"]
        return error
    }
}
