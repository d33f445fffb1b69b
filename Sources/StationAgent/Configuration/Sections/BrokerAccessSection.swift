import Accounts
import LocalAPI

/// Who may do what at the broker (contract 6).
struct BrokerAccessSection: Sendable, Equatable {
    let allowsLegacyDevices: Bool
    let policyFile: String
    let credentialLifetime: Duration
    /// Addresses and ranges of brokers that may ask, besides those on this machine.
    let askers: [AddressRange]
    /// Whose tokens count besides the station's own; nil for none.
    let issuer: IssuerSettings?
    let issuerKeys: IssuerKeySource?

    init(_ values: inout ConfigurationValues) {
        self.allowsLegacyDevices = values.read(ConfigurationCatalogue.mqttLegacyDevices)
        self.policyFile = values.read(ConfigurationCatalogue.mqttPolicyFile)
        self.credentialLifetime = values.read(ConfigurationCatalogue.mqttCredentialsTTL)
        self.askers = values.read(ConfigurationCatalogue.mqttAuthAllow)
        let issuer = values.read(ConfigurationCatalogue.mqttJWTIssuer)
        let audience = values.read(ConfigurationCatalogue.mqttJWTAudience)
        let url = values.read(ConfigurationCatalogue.mqttJWKSURL)
        let file = values.read(ConfigurationCatalogue.mqttJWKSFile)
        self.issuer = issuer.map { IssuerSettings(issuer: $0, audience: audience) }
        self.issuerKeys = url.map { .url($0) } ?? file.map { .file($0) }
        if url != nil, file != nil {
            values.fault(
                ConfigurationCatalogue.mqttJWKSFile.row,
                "both it and \(ConfigurationCatalogue.mqttJWKSURL.row.name) are there", allowed: "one of both")
        }
        if (issuer == nil) != (url == nil && file == nil) {
            values.fault(
                ConfigurationCatalogue.mqttJWTIssuer.row,
                issuer == nil ? "it is missing, but the keys are there" : "it is there, but no keys are",
                allowed: "both it and \(ConfigurationCatalogue.mqttJWKSURL.row.name) or "
                    + "\(ConfigurationCatalogue.mqttJWKSFile.row.name), or none of them")
        }
    }
}
