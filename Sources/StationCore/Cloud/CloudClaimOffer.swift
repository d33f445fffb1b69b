/// What somebody has to tell the cloud to make this station theirs (contract 4, "States"). Whoever knows the secret can
/// do so: it is shown to an owner and on the station itself, nowhere else.
public struct CloudClaimOffer: Sendable, Equatable {
    public let chipID: String
    public let claimSecret: Secret

    public init(chipID: String, claimSecret: Secret) {
        self.chipID = chipID
        self.claimSecret = claimSecret
    }

    /// What the QR code says.
    public var qrText: Secret {
        Secret(
            JSONValue.object(["chipId": .string(self.chipID), "claimSecret": .string(self.claimSecret.revealed)])
                .description
        )
    }
}
