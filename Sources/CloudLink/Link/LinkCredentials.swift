public import StationCore

/// What the cloud knows the station by (contract 4, "States").
public struct LinkCredentials: Sendable, Equatable {
    public let chipID: String
    public let claimSecret: Secret
    /// nil while nobody has claimed the station.
    public let stationToken: Secret?

    public init(chipID: String, claimSecret: Secret, stationToken: Secret?) {
        self.chipID = chipID
        self.claimSecret = claimSecret
        self.stationToken = stationToken
    }

    /// The first message on a new connection.
    var greeting: LinkGreeting {
        self.stationToken.map(LinkGreeting.stationAuth)
            ?? .claimHandshake(chipID: self.chipID, claimSecret: self.claimSecret)
    }
}
