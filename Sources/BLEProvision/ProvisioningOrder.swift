public import StationCore

/// All that one device is to be told.
public struct ProvisioningOrder: Sendable, Equatable {
    public let wifi: WiFiCredentials
    public let place: StationPlace
    /// What the device has printed on it, where its dialect asks for it.
    public let proofOfPossession: Secret?

    public init(wifi: WiFiCredentials, place: StationPlace, proofOfPossession: Secret? = nil) {
        self.wifi = wifi
        self.place = place
        self.proofOfPossession = proofOfPossession
    }
}
