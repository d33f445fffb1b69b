import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// What programs on the station tell it for new devices (contract 2, `PUT /api/settings/agent`). The network itself is
/// never shown.
struct AgentSettingsRoutes: Sendable {
    let hub: StationHub
    let wifi: WiFiSource

    init(hub: StationHub, configuredWiFi: @escaping @Sendable () -> WiFiCredentials?) {
        self.hub = hub
        self.wifi = WiFiSource(hub: hub, configured: configuredWiFi)
    }

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        let answer = Schema.object([("hasWifi", .boolean)])
        book.add(
            .get, "/api/settings/agent", by: [AnyOf(hooks.admin, hooks.agent)],
            Operation(
                "getAgentSettings", .provisioning, "Whether there is a Wi-Fi network for new devices.",
                answers: [.ok("Only whether.", answer)]
            )
        ) { _, _ in try await self.answer() }
        book.add(
            .put, "/api/settings/agent", by: hooks.agent,
            Operation(
                "putAgentSettings", .provisioning, "Keeps the Wi-Fi network that new devices are told to join.",
                body: .json(
                    .body([("wifiSsid", Schema.ssid.nullable), ("wifiPassword", Schema.wifiPassword.nullable)])
                ),
                answers: [.ok("Only whether there is one.", answer)]
            ),
            use: self.put
        )
    }

    private func answer() async throws -> Response {
        .json(["hasWifi": .bool(try await self.wifi.stored() != nil)])
    }

    /// Without a name the network that was kept is forgotten.
    @Sendable private func put(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let ssid = body.removable("wifiSsid") { $0.ssid("wifiSsid") }
        let password = body.removable("wifiPassword") { $0.wifiPassword("wifiPassword") }
        let wifi = (ssid ?? nil).map { WiFiCredentials(ssid: $0, password: (password ?? nil) ?? Secret("")) }
        try body.finish()
        try await self.hub.keepWiFi(wifi)
        return try await self.answer()
    }
}
