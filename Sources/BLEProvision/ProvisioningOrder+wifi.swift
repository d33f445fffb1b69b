import StationCore

extension ProvisioningOrder {
    /// For the codec that sends it.
    var passwordBytes: [UInt8] { Array(self.wifi.password.revealed.utf8) }

    /// - Throws: `wifiNotJoined` for a Wi-Fi that no device could join, so that no codec has to write it.
    func requirePossibleWiFi() throws(ProvisioningFault) {
        guard WiFiCredentials.isSSID(self.wifi.ssid), WiFiCredentials.isPassword(self.wifi.password) else {
            throw ProvisioningFault(.wifiNotJoined, detail: "an SSID or a password that Wi-Fi does not allow")
        }
    }
}
