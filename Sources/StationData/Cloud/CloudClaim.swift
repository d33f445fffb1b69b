public import StationCore

/// How the station stands with its cloud, as the store has it (contract 4, "States").
public struct CloudClaim: Sendable, Equatable {
    /// A token that the cloud has refused, kept for the day on which the cloud may have been wrong.
    public struct TokenAside: Sendable, Equatable {
        public let token: Secret
        public let since: Timestamp
    }

    /// How far a reset of the station has come. What is not named here is done in one transaction.
    public enum ResetStep: String, Sendable, Hashable, CaseIterable {
        /// The devices are being told; then the claim is wiped.
        case devices
    }

    /// So long a refused token is kept.
    public static let asideLifetime = Duration.seconds(86_400)
    /// The longest token that a cloud can give.
    public static let maximumTokenLength = 4096

    /// Which board this is.
    public let chipID: String
    /// One-time: there is a new one after every claim, refusal and reset.
    public internal(set) var claimSecret: Secret
    /// What the cloud knows the station by; `nil` while nobody has claimed it.
    public internal(set) var stationToken: Secret?
    public internal(set) var claimedAt: Timestamp?
    /// It may be older than `asideLifetime`; `StationHub.tokenAside` judges.
    var aside: TokenAside?
    /// What the cloud has asked for; `nil` until it has.
    var chosenChannels: Set<CloudChannel>?
    public internal(set) var resetStep: ResetStep?

    public var isClaimed: Bool { self.stationToken != nil }
    /// Which categories of events the cloud gets.
    public var channels: Set<CloudChannel> { self.chosenChannels ?? CloudChannel.usual }

    /// What a person shows the cloud; `nil` once the station is claimed.
    public var offer: CloudClaimOffer? {
        self.isClaimed ? nil : CloudClaimOffer(chipID: self.chipID, claimSecret: self.claimSecret)
    }

    init(chipID: String, claimSecret: Secret) {
        self.chipID = chipID
        self.claimSecret = claimSecret
    }
}
