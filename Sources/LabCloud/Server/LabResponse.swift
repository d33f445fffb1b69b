import NIOCore
import StationCore

/// An answer of the lab cloud in plain HTTP; the connection ends with it.
struct LabResponse: Sendable {
    let status: Int
    let fields: [(name: String, value: String)]
    let body: [UInt8]

    init(_ status: Int, _ object: JSONObject, fields: [(name: String, value: String)] = []) {
        self.status = status
        self.fields = fields
        self.body = JSONValue.object(object).serialized() + [UInt8(ascii: "\n")]
    }

    init(_ error: LabError) {
        self.init(error.status, ["error": .string(error.description)])
    }

    /// As it goes out.
    var bytes: ByteBuffer {
        var head = "HTTP/1.1 \(self.status) \(Self.phrase(self.status))\r\nContent-Type: application/json\r\n"
        head += "Content-Length: \(self.body.count)\r\nConnection: close\r\n"
        for field in self.fields { head += "\(field.name): \(field.value)\r\n" }
        var buffer = ByteBuffer(string: head + "\r\n")
        buffer.writeBytes(self.body)
        return buffer
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 426: "Upgrade Required"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Answer"
        }
    }
}
