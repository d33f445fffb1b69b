/// Where a WebSocket is to be opened, and what the opening request says.
public struct SocketRequest: Sendable {
    /// A name or address; IPv6 without brackets.
    public let host: String
    public let port: Int
    /// Path and query, such as `/ws?version=1`.
    public let path: String
    /// Further header fields, such as `Authorization`.
    public let fields: [(name: String, value: String)]

    private static let ownFields: Set<String> = [
        "host", "upgrade", "connection", "content-length", "transfer-encoding",
    ]

    /// - Throws: `SocketClientError.invalidRequest` for anything that would not stay where it is put in the request,
    ///   and for a field that belongs to the handshake itself.
    public init(
        host: String, port: Int, path: String = "/", fields: [(name: String, value: String)] = []
    ) throws(SocketClientError) {
        guard !host.isEmpty, HTTPToken.isTarget("/\(host)".utf8) else {
            throw .invalidRequest("“\(host)” is no host name or address")
        }
        guard (1...65_535).contains(port) else { throw .invalidRequest("port \(port); 1–65535 are allowed") }
        guard HTTPToken.isTarget(path.utf8) else {
            throw .invalidRequest("“\(path)” is no path: it begins with / and has no blanks")
        }
        for field in fields {
            let name = field.name.lowercased()
            guard HTTPToken.isToken(name.utf8), !Self.ownFields.contains(name), !name.hasPrefix("sec-websocket-") else {
                throw .invalidRequest("the header field “\(field.name)” cannot be chosen")
            }
            guard HTTPToken.isValue(field.value.utf8) else {
                // The value may be a secret.
                throw .invalidRequest("the value of the header field “\(field.name)” has control characters")
            }
        }
        self.host = host
        self.port = port
        self.path = path
        self.fields = fields
    }

    /// The request as it goes out.
    ///
    /// - Parameter usualPort: The scheme's, which `Host` does not repeat.
    func head(key: SocketKey, usualPort: Int) -> String {
        let name = self.host.contains(":") ? "[\(self.host)]" : self.host
        let host = self.port == usualPort ? name : "\(name):\(self.port)"
        let fields = [
            ("Host", host), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", key.text),
            ("Sec-WebSocket-Version", SocketHandshake.version),
        ]
        let lines = (fields + self.fields).map { name, value in "\(name): \(value)\r\n" }
        return "GET \(self.path) HTTP/1.1\r\n\(lines.joined())\r\n"
    }
}
