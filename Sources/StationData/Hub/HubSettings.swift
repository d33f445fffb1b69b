public import StationCore

/// The numbers by which the hub works; the defaults are the contract's.
public struct HubSettings: Sendable {
    public var presence: PresenceRule
    /// What one device may say (contract 1, rule 11).
    public var deviceRate: TokenBucket.Limit
    /// How long a reading may wait in memory (contract 7, "Clock and storage").
    public var flushInterval: Duration
    /// As many waiting rows bring the flush forward.
    public var flushRows: Int
    public var readingRetention: Duration
    public var eventRetention: Duration
    /// Closes the secrets that the store has to keep: passwords that wait for the broker to be told, and the cloud's token.
    /// The station's own secret.
    public var loginKey = Secret("")
    /// Which board the station is, for a cloud (contract 4).
    public var chipID = ""
    /// Asks for the room on the disk; `nil`: the file system of the store is asked.
    public var freeSpace: (@Sendable () -> FreeSpace?)?

    public init(
        presence: PresenceRule = PresenceRule(), deviceRate: TokenBucket.Limit = .init(perSecond: 50, burst: 200),
        flushInterval: Duration = .seconds(5), flushRows: Int = 1000,
        readingRetention: Duration = .seconds(30 * 86_400), eventRetention: Duration = .seconds(30 * 86_400)
    ) {
        self.presence = presence
        self.deviceRate = deviceRate
        self.flushInterval = flushInterval
        self.flushRows = flushRows
        self.readingRetention = readingRetention
        self.eventRetention = eventRetention
    }
}
