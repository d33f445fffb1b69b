import FoundationEssentials
import GRDB
public import StationCore

/// The Wi-Fi network that new devices are told to join (contract 2, `PUT /api/settings/agent`). It is kept sealed with
/// the station's key.
extension StationHub {
    private static let wifiKey = "provisioning.wifi"

    /// Keeps a network for new devices; `nil` forgets it.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func keepWiFi(_ wifi: WiFiCredentials?) async throws(StoreError) {
        let sealed = try wifi.map { (wifi) throws(StoreError) in
            let json: JSONValue = [
                "ssid": .string(Data(wifi.ssid).base64EncodedString()), "password": .string(wifi.password.revealed),
            ]
            return try self.wifiSeal.close(Secret(json.description)).base64EncodedString()
        }
        try await self.commit("keeping a Wi-Fi network") { db in
            try StationTable(db: db).set(Self.wifiKey, to: JSONValue(sealed), at: self.clock.wallTime)
            return ((), CommitEffects())
        }
    }

    /// The network that is kept; `nil` when there is none, or one that was closed with another key.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func keptWiFi() async throws(StoreError) -> WiFiCredentials? {
        let kept = try await self.read("reading the Wi-Fi network") { try StationTable(db: $0).setting(Self.wifiKey) }
        guard let text = kept?.stringValue, let sealed = Data(base64Encoded: text),
            let json = try? JSONValue.parse(self.wifiSeal.open(sealed)?.revealed ?? ""),
            let ssid = json["ssid"]?.stringValue.flatMap({ Data(base64Encoded: $0) }),
            let password = json["password"]?.stringValue
        else { return nil }
        return WiFiCredentials(ssid: Array(ssid), password: Secret(password))
    }

    private var wifiSeal: SecretSeal { SecretSeal(self.settings.loginKey, for: .wifi) }
}
