import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore
import StationData

/// The answer that gives a device its image: from the disk in pieces, whole or in part (RFC 9110, 13 and 14).
struct ImageResponse: Sendable {
    let firmware: Firmware
    let file: FirmwareFile

    func answer(to request: Request) throws(APIError) -> Response {
        let tag = EntityTag(self.firmware.checksum)
        var headers: HTTPFields = [
            .contentType: "application/octet-stream", .acceptRanges: "bytes", .eTag: tag.description,
        ]
        let size = self.file.size
        if let known = request.headers[.ifNoneMatch], tag.isNamed(in: known) {
            headers[.contentLength] = "\(size)"
            return Response(status: .notModified, headers: headers)
        }
        // Ranges are for GET only (14.2).
        let wantsRange = request.method == .get && tag.allowsRange(request.headers[.ifRange])
        switch ByteRange(wantsRange ? request.headers[.range] : nil, of: size) {
        case .whole:
            return Response(status: .ok, headers: headers, body: self.body(0..<size))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return Response(status: .partialContent, headers: headers, body: self.body(range))
        case .unsatisfiable:
            throw APIError.rangeNotSatisfiable(size: size)
        }
    }

    private func body(_ range: Range<Int>) -> ResponseBody {
        let file = self.file
        return ResponseBody(contentLength: range.count) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let bytes = try await file.read(
                    at: offset, count: min(FirmwareFile.chunkSize, range.upperBound - offset)
                )
                try await writer.write(ByteBuffer(bytes: bytes))
                offset += bytes.count
            }
            try await writer.finish(nil)
        }
    }
}
