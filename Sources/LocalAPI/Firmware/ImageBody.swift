import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore
import StationData

/// The body of an upload, written to the disk as it comes: an image is never in memory as a whole.
///
/// One that is cut short, too large or too slow, or that is no image, leaves nothing behind.
struct ImageBody: Sendable {
    let limits: LocalAPILimits
    let clock: any StationClock

    /// Receives an image.
    ///
    /// - Throws: `APIError`, `FirmwareError`.
    func receive(_ request: Request, into directory: FirmwareDirectory) async throws -> FirmwareUpload {
        let mediaType = request.headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() }
        guard mediaType?.filter({ $0 != " " && $0 != "\t" }) == "application/octet-stream" else {
            throw APIError.unsupportedMediaType(request.headers[.contentType], wanted: "application/octet-stream")
        }
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        if let declared, declared > FirmwareImageHeader.maximumImageSize {
            throw APIError.bodyTooLarge(FirmwareImageHeader.maximumImageSize)
        }
        let upload = try await directory.beginUpload()
        let body = request.body
        do {
            let done: Void? = try await self.clock.limit(to: self.limits.imageTime) {
                try await self.copy(body, to: upload, declared: declared)
            }
            guard done != nil else { throw APIError.bodyTooSlow }
        } catch let error as FirmwareError {
            // The rest of the body is still to come.
            var refusal = APIError(error)
            refusal.closesConnection = true
            throw refusal
        }
        return upload
    }

    private func copy(_ body: RequestBody, to upload: FirmwareUpload, declared: Int?) async throws {
        var received = 0
        var parts = body.makeAsyncIterator()
        while let part = try await self.next(of: &parts) {
            received += part.readableBytes
            try await upload.append(Array(part.readableBytesView))
        }
        guard declared == nil || declared == received else { throw APIError.bodyIncomplete }
    }

    private func next(of parts: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await parts.next()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw APIError.bodyIncomplete
        }
    }
}
