import StationCore

extension BodyReader {
    /// The name of a Wi-Fi network.
    mutating func ssid(_ key: String) -> [UInt8]? {
        guard let text = self.text(key, .required) else { return nil }
        let ssid = Array(text.utf8)
        if !WiFiCredentials.isSSID(ssid) { self.refuse(key, "“\(key)” must have \(WiFiCredentials.ssidRule).") }
        return ssid
    }

    /// A Wi-Fi network's password; empty for an open network. It is never repeated.
    mutating func wifiPassword(_ key: String) -> Secret? {
        guard let password = self.text(key, .required).map(Secret.init) else { return nil }
        if !WiFiCredentials.isPassword(password) {
            self.refuse(key, "“\(key)” must have \(WiFiCredentials.passwordRule).")
        }
        return password
    }
}
