/// A factory-new device in sight (contract 5, "What a factory device looks like").
public struct ProvisioningCandidate: Sendable, Hashable {
    /// So many are in sight at most, whatever is sent around the house; further ones are left out until there is room, or they
    /// are heard better than the faintest.
    public static let maximumCount = 100

    public let externalID: ExternalID
    /// Its Bluetooth address, as BlueZ writes it.
    public var address: String
    /// What it calls itself; `nil` for one that advertises no name.
    public var name: String?
    /// The id of a `DeviceType`, if it tells; the station need not know it.
    public var deviceType: String?
    /// What it could be called in the household, for whoever has no better idea.
    public var defaultName: String
    /// How loud it is heard, in dBm.
    public var rssi: Int?
    public var dialect: ProvisioningDialectName

    public init(
        externalID: ExternalID, address: String, name: String?, deviceType: String?, defaultName: String, rssi: Int?,
        dialect: ProvisioningDialectName
    ) {
        self.externalID = externalID
        self.address = address
        self.name = name
        self.deviceType = deviceType
        self.defaultName = defaultName
        self.rssi = rssi
        self.dialect = dialect
    }
}
