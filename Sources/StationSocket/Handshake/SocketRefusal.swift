/// Why a request does not open a WebSocket (RFC 6455, 4.2.1).
public enum SocketRefusal: Error, Sendable, Hashable {
    case method(String)
    /// An HTTP version before 1.1.
    case httpVersion(String)
    /// `Upgrade` does not name `websocket`, or `Connection` does not name `upgrade`.
    case notUpgrade(field: String)
    /// A protocol version other than 13.
    case version(String)
    /// `Sec-WebSocket-Key` is missing, there more than once, or not 16 bytes in base64.
    case key

    /// The HTTP status of the answer.
    public var status: Int {
        switch self {
        case .method: 405
        case .httpVersion: 505
        case .notUpgrade, .version: 426
        case .key: 400
        }
    }

    /// The header fields of the answer.
    public var fields: [(name: String, value: String)] {
        switch self {
        case .method: [("Allow", "GET")]
        case .httpVersion, .key: []
        case .notUpgrade: [("Upgrade", "websocket")]
        case .version: [("Upgrade", "websocket"), ("Sec-WebSocket-Version", SocketHandshake.version)]
        }
    }
}

extension SocketRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .method(let method): "a WebSocket is opened with GET, not with \(method)"
        case .httpVersion(let version): "a WebSocket is opened with HTTP/1.1, not with \(version)"
        case .notUpgrade(let field):
            "this is a WebSocket: it wants “Upgrade: websocket” and “Connection: Upgrade”, and \(field) does not say so"
        case .version(let version):
            version.isEmpty
                ? "Sec-WebSocket-Version is missing; it must be \(SocketHandshake.version)"
                : "Sec-WebSocket-Version is “\(version)”; it must be \(SocketHandshake.version)"
        case .key: "Sec-WebSocket-Key must be there once, with 16 bytes in base64"
        }
    }
}
