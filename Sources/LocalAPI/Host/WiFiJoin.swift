import StationCore

/// What became, or becomes, of the network that the station was last told to join. Whoever was in the old network when
/// they told it sees here how it went.
struct WiFiJoin: Sendable {
    enum Outcome: Sendable {
        case joining
        case joined
        case failed(HostFault)
        /// The agent stopped meanwhile.
        case cancelled
    }

    let ssid: [UInt8]
    let startedAt: Timestamp
    private(set) var endedAt: Timestamp?
    private(set) var outcome = Outcome.joining

    init(ssid: [UInt8], startedAt: Timestamp) {
        self.ssid = ssid
        self.startedAt = startedAt
    }

    mutating func end(_ outcome: Outcome, at time: Timestamp) {
        self.outcome = outcome
        self.endedAt = time
    }
}
