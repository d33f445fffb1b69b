public import StationCore

/// What a dialect reads off an advertisement in which it recognises a device of its own.
public struct CandidateTraits: Sendable, Hashable {
    public let dialect: ProvisioningDialectName
    /// The device's own, else its address without colons (contract 5, "What a factory device looks like").
    public let externalID: ExternalID
    /// The id of its type where it tells one.
    public let deviceType: String?
    /// What to call it until a person names it.
    public let defaultName: String
    /// Whether it can be provisioned now; `false` for one that says it already is.
    public let isProvisionable: Bool

    public init(
        dialect: ProvisioningDialectName, externalID: ExternalID, deviceType: String? = nil, defaultName: String,
        isProvisionable: Bool = true
    ) {
        self.dialect = dialect
        self.externalID = externalID
        self.deviceType = deviceType
        self.defaultName = defaultName
        self.isProvisionable = isProvisionable
    }
}
