import StationCore

/// Who was let in, and until when what they have shown is good.
struct BrokerSession: Sendable, Hashable {
    let identity: BrokerIdentity
    /// `nil` for what has no end of its own.
    let expiresAt: Timestamp?

    func isLive(at time: Timestamp) -> Bool {
        self.expiresAt.map { time < $0 } ?? true
    }
}
