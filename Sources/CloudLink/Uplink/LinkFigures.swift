public import StationCore

/// What the local view shows of the station's side of the link (contract 4, "Local view").
public struct LinkFigures: Sendable, Hashable {
    public var claimedAt: Timestamp?
    public var channels: Set<CloudChannel>
    /// How many messages wait to be acknowledged.
    public var outboxDepth: Int

    public init(
        claimedAt: Timestamp? = nil, channels: Set<CloudChannel> = CloudChannel.usual, outboxDepth: Int = 0
    ) {
        self.claimedAt = claimedAt
        self.channels = channels
        self.outboxDepth = outboxDepth
    }
}
