/// Why there is no connection.
public enum LinkLoss: Sendable, Hashable {
    /// The server closed it with a WebSocket close code.
    case closedByServer(code: UInt16, reason: String)
    /// The server's certificate is not accepted.
    case certificate(String)
    /// Anything else: the network, the protocol, a time limit.
    case other(String)

    /// Whether the server said that it restarts or is busy (1001, 1012, 1013): then everybody lost it at once.
    var isRestart: Bool {
        if case .closedByServer(1001, _) = self { return true }
        if case .closedByServer(1012, _) = self { return true }
        if case .closedByServer(1013, _) = self { return true }
        return false
    }
}

extension LinkLoss: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closedByServer(let code, let reason):
            reason.isEmpty ? "the cloud closed the connection (\(code))" : "the cloud closed (\(code)): \(reason)"
        case .certificate(let detail): "the cloud's certificate is not accepted: \(detail)"
        case .other(let detail): detail
        }
    }
}
