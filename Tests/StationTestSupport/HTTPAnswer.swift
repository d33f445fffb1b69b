public import StationCore

/// An HTTP response as it came over the wire.
public struct HTTPAnswer: Sendable {
    public let status: Int
    /// In the order in which they came, names as they were written.
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public var text: String { String(decoding: self.body, as: UTF8.self) }

    /// The body as JSON.
    ///
    /// - Throws: `JSONError` when it is none.
    public var json: JSONValue {
        get throws { try JSONValue.parse(self.body) }
    }

    /// The value of a header, whatever case its name is written in; `nil` when it is not there exactly once.
    public subscript(name: String) -> String? {
        let values = self.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.count == 1 ? values[0] : nil
    }
}

extension HTTPAnswer {
    /// Takes the first response out of what a server has sent; `nil` while it is not complete.
    ///
    /// - Parameters:
    ///   - hasBody: False for the answer to a HEAD request.
    ///   - isClosed: Whether nothing more will come.
    /// - Throws: `HTTPProbeFailure.notHTTP`.
    static func take(from bytes: inout [UInt8], hasBody: Bool, isClosed: Bool) throws -> HTTPAnswer? {
        guard let headEnd = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<headEnd.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let statusLine = lines.first?.split(separator: " ", maxSplits: 2) ?? []
        guard statusLine.count >= 2, statusLine[0] == "HTTP/1.1", let status = Int(statusLine[1]) else {
            throw HTTPProbeFailure.notHTTP(String(decoding: bytes.prefix(200), as: UTF8.self))
        }
        let headers = lines.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            return (String(parts[0]), String(value))
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) }
        let rest = bytes[headEnd.upperBound...]
        let mayHaveBody = hasBody && status >= 200 && status != 204 && status != 304
        let bodyLength = mayHaveBody ? (length ?? (isClosed ? rest.count : .max)) : 0
        guard rest.count >= bodyLength else { return nil }
        let body = Array(rest.prefix(bodyLength))
        bytes.removeFirst(headEnd.upperBound + bodyLength)
        return HTTPAnswer(status: status, headers: headers, body: body)
    }
}
