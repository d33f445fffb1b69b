/// Why a client got no WebSocket.
public enum SocketClientError: Error, Sendable, Hashable {
    /// Something in the request that HTTP does not allow.
    case invalidRequest(String)
    /// No connection, or it broke before the answer was complete.
    case unreachable(endpoint: String, detail: String)
    /// No answer in time.
    case timedOut(endpoint: String, limit: Duration)
    /// The server answered with another status than 101.
    case refused(status: Int, answer: HTTPHead)
    /// The proxy answered with another status than 2xx.
    case refusedByProxy(status: Int, answer: HTTPHead)
    /// The server's answer is not that of a WebSocket server.
    case malformed(detail: String)
    /// The waiting task was cancelled.
    case cancelled
}

extension SocketClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidRequest(let detail): detail
        case .unreachable(let endpoint, let detail): "\(endpoint) cannot be reached: \(detail)"
        case .timedOut(let endpoint, let limit): "\(endpoint) did not open the WebSocket within \(limit)"
        case .refused(_, let answer): "the server refused the WebSocket: \(answer.firstLine)"
        case .refusedByProxy(_, let answer): "the proxy refused the connection: \(answer.firstLine)"
        case .malformed(let detail): "the server does not speak WebSocket: \(detail)"
        case .cancelled: "the wait was cancelled"
        }
    }
}
