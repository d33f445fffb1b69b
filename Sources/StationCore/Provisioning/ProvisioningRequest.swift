/// What a new device is to be in the household (contract 5, `POST /api/provisioning/add`).
public struct ProvisioningRequest: Sendable, Equatable {
    /// The candidate's.
    public let externalID: ExternalID
    /// `nil`: the candidate's default name; a device that is known keeps its own.
    public var name: String?
    /// `nil`: the default place; a device that is known stays where it is.
    public var placeID: PlaceID?
    public var zoneID: ZoneID?
    public let wifi: WiFiCredentials
    /// What is printed on the device, for a dialect that asks for it.
    public var proofOfPossession: Secret?

    public init(
        externalID: ExternalID, name: String? = nil, placeID: PlaceID? = nil, zoneID: ZoneID? = nil,
        wifi: WiFiCredentials, proofOfPossession: Secret? = nil
    ) {
        self.externalID = externalID
        self.name = name
        self.placeID = placeID
        self.zoneID = zoneID
        self.wifi = wifi
        self.proofOfPossession = proofOfPossession
    }
}
