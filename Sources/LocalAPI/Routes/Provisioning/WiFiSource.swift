import StationCore
import StationData

/// Which Wi-Fi new devices are told to join, and from where the station knows (contract 5).
struct WiFiSource: Sendable {
    let hub: StationHub
    let configured: @Sendable () -> WiFiCredentials?

    /// What was put last goes before the configuration.
    ///
    /// - Throws: `StoreError.unavailable`.
    func stored() async throws(StoreError) -> WiFiCredentials? {
        try await self.hub.keptWiFi() ?? self.configured()
    }

    /// What a request names, or else what is stored.
    ///
    /// - Throws: `APIError.noWiFi`, `StoreError.unavailable`.
    func credentials(given: WiFiCredentials?) async throws -> WiFiCredentials {
        if let given { return given }
        guard let stored = try await self.stored() else { throw APIError.noWiFi }
        return stored
    }

    /// Reads what a request names.
    ///
    /// - Throws: `APIError` for credentials that no network has.
    static func read(_ given: JSONValue?) throws(APIError) -> WiFiCredentials? {
        guard let given else { return nil }
        guard let object = given.objectValue else {
            throw APIError.invalidFields([
                FieldFault(.body, "wifi", .type, "“wifi” is \(given.kind); it must be an object.")
            ])
        }
        var body = BodyReader(object)
        let ssid = Array((body.text("ssid", .required) ?? "").utf8)
        let password = Secret(body.text("password", .required) ?? "")
        try body.finish()
        guard WiFiCredentials.isSSID(ssid) else { throw APIError.invalidSSID }
        guard WiFiCredentials.isPassword(password) else { throw APIError.invalidWiFiPassword }
        return WiFiCredentials(ssid: ssid, password: password)
    }
}
