public import StationSocket

extension LinkLoss {
    /// How a connection came to its end.
    public init(_ ending: SocketEnding) {
        switch ending {
        case .closedByPeer(let code, let reason): self = .closedByServer(code: code.rawValue, reason: reason)
        case .closedByUs, .failed, .silent, .lost: self = .other("\(ending)")
        }
    }
}
