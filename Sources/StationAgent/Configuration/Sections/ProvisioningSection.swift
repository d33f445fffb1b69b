import StationCore

/// How factory-new devices are found over Bluetooth and what they are told (contract 5).
struct ProvisioningSection: Sendable, Equatable {
    /// In lower case.
    let serviceUUID: String
    /// In lower case.
    let characteristicUUID: String
    let wifiSSID: String?
    let wifiPassword: Secret?
    let scanAll: Bool
    let allowNameless: Bool

    init(_ values: inout ConfigurationValues) {
        self.serviceUUID = values.read(ConfigurationCatalogue.provisioningServiceUUID)
        self.characteristicUUID = values.read(ConfigurationCatalogue.provisioningCharacteristicUUID)
        self.wifiSSID = values.read(ConfigurationCatalogue.provisioningWiFiSSID)
        self.wifiPassword = values.read(ConfigurationCatalogue.provisioningWiFiPassword)
        self.scanAll = values.read(ConfigurationCatalogue.provisioningScanAll)
        self.allowNameless = values.read(ConfigurationCatalogue.provisioningAllowNameless)
    }
}
