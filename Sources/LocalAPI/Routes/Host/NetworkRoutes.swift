import HTTPTypes
import HummingbirdCore
import StationCore

/// The network of the station's host (contract 2, `/api/network`).
struct NetworkRoutes: Sendable {
    let desk: NetworkDesk

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/network", by: hooks.host,
            Operation(
                "getNetwork", .host, "How the station is connected, and how the last join went.",
                answers: [.ok("The network.", .network)], refusals: [502]
            ),
            use: self.network
        )
        book.add(
            .get, "/api/wifi/status", by: hooks.host,
            Operation(
                "getWiFiStatus", .host, "How the station stands with Wi-Fi.", answers: [.ok("Wi-Fi.", .wifiStatus)],
                refusals: [502]
            ),
            use: self.wifi
        )
        book.add(
            .post, "/api/network/wifi/scan", by: hooks.host,
            Operation(
                "scanWiFi", .host, "Looks which Wi-Fi networks are in reach; takes some seconds.",
                answers: [.ok("The strongest first.", .wifiNetworks)], refusals: [409, 502]
            ),
            use: self.scan
        )
        book.add(
            .put, "/api/network/wifi", by: hooks.host,
            Operation(
                "joinWiFi", .host,
                "Joins a Wi-Fi network, and answers when that has succeeded or failed, within a minute. Where the "
                    + "network gives no address in 30 s the earlier connection comes back. Whoever is cut off by it "
                    + "finds the outcome as lastJoin of GET /api/network.",
                body: .json(.wifi), answers: [.ok("The station is in it.", .joinedWiFi)], refusals: [409, 502]
            ),
            use: self.join
        )
    }

    @Sendable private func network(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var json = try await self.desk.state().json
        json["lastJoin"] = await self.desk.lastJoin?.json ?? .null
        return .json(.object(json))
    }

    @Sendable private func wifi(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        .json(try await self.desk.state().wifi.json)
    }

    @Sendable private func scan(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        .json(.array(try await self.desk.scan().map(\.json)))
    }

    @Sendable private func join(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let ssid = body.ssid("ssid")
        let password = body.wifiPassword("password")
        try body.finish()
        guard let ssid, let password else { throw APIError.malformedQuery }
        let joined = try await self.desk.join(WiFiCredentials(ssid: ssid, password: password))
        return .json(["wifi": joined.wifi.json, "keptForDevices": .bool(joined.isForDevices)])
    }
}
