/// Why a message was not sent.
public enum SocketError: Error, Sendable, Hashable {
    /// The connection is closed or about to be.
    case closed
    /// As many messages as allowed wait to be sent.
    case full(limit: Int)
    /// The waiting task was cancelled. The message may have been sent all the same.
    case cancelled
}

extension SocketError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closed: "the connection is closed"
        case .full(let limit): "\(limit) messages wait to be sent already, more are not allowed"
        case .cancelled: "the wait was cancelled"
        }
    }
}
