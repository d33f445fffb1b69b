/// How a WebSocket came to its end.
public enum SocketEnding: Sendable, Hashable {
    /// The peer closed; `.noStatus` when it gave no code.
    case closedByPeer(SocketCloseCode, reason: String)
    /// We closed; `isAnswered` is false when the peer's Close did not come in time.
    case closedByUs(SocketCloseCode, reason: String, isAnswered: Bool)
    /// The peer broke the protocol or went beyond a limit, and we closed.
    case failed(SocketFault)
    /// Nothing has come from the peer since two pings.
    case silent
    /// The transport ended without a Close from the peer.
    case lost(detail: String)
}

extension SocketEnding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closedByPeer(let code, let reason):
            reason.isEmpty ? "closed by the peer (\(code))" : "closed by the peer (\(code), “\(reason)”)"
        case .closedByUs(let code, let reason, let isAnswered):
            "closed by us (\(code), “\(reason)”)" + (isAnswered ? "" : "; the peer did not answer")
        case .failed(let fault): "closed by us (\(fault.code)): \(fault)"
        case .silent: "two pings were not answered"
        case .lost(let detail): "the transport ended: \(detail)"
        }
    }
}
