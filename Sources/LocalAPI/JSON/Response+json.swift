import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore

extension Response {
    static func json(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        .json(text: ByteBuffer(bytes: value.serialized()), status: status, headers: headers)
    }

    /// JSON that is written already.
    static func json(
        text: ByteBuffer, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: text))
    }
}
