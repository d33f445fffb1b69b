/// How the link to the cloud stands (contract 4, "Local view").
public struct CloudStatus: Sendable, Hashable {
    /// The states of the link, as people and programs are told them.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// No cloud is configured.
        case off
        /// Not connected; it tries again at `reconnectAt`.
        case offline
        case connecting
        /// Connected, and about to offer the station to whoever claims it.
        case claiming
        /// Connected, and nobody has claimed the station yet.
        case waiting
        case authenticating
        case authenticated
        /// The cloud has ordered a reset, which is under way.
        case resetting
        /// The agent is stopping.
        case stopped
    }

    public var state: State
    public var isClaimed: Bool
    public var claimedAt: Timestamp?
    /// Where the cloud is; `nil` where none is configured.
    public var host: String?
    public var connectedSince: Timestamp?
    /// What went wrong last, for people.
    public var lastError: String?
    public var reconnectAt: Timestamp?
    public var activeChannels: Set<CloudChannel>
    /// How many messages wait to be acknowledged.
    public var outboxDepth: Int

    public init(
        state: State, isClaimed: Bool = false, claimedAt: Timestamp? = nil, host: String? = nil,
        connectedSince: Timestamp? = nil, lastError: String? = nil, reconnectAt: Timestamp? = nil,
        activeChannels: Set<CloudChannel> = CloudChannel.usual, outboxDepth: Int = 0
    ) {
        self.state = state
        self.isClaimed = isClaimed
        self.claimedAt = claimedAt
        self.host = host
        self.connectedSince = connectedSince
        self.lastError = lastError
        self.reconnectAt = reconnectAt
        self.activeChannels = activeChannels
        self.outboxDepth = outboxDepth
    }
}
