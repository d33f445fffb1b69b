import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Who may call")
struct AuthorizationTests {
    private static let routes: [(method: String, path: String)] = [
        ("GET", "/api/devices"),
        ("HEAD", "/api/devices"),
        ("POST", "/api/devices"),
        ("GET", "/api/devices/01890000-0000-7000-8000-000000000001"),
        ("PATCH", "/api/devices/01890000-0000-7000-8000-000000000001"),
        ("DELETE", "/api/devices/01890000-0000-7000-8000-000000000001"),
        ("POST", "/api/devices/01890000-0000-7000-8000-000000000001/command"),
        ("POST", "/api/devices/01890000-0000-7000-8000-000000000001/token"),
        ("GET", "/api/devices/01890000-0000-7000-8000-000000000001/readings"),
        ("GET", "/api/device-types"),
        ("GET", "/api/device-events"),
    ]

    private static let refused: [String?] = [
        nil, "", "Bearer", "Bearer ", "Bearer wrong-token", "Bearer agent-token-for-tests", "Bearer a.b.c",
        "Bearer ..", "Basic b3duZXI6cGFzc3dvcmQ=",
    ]

    @Test(
        "Every route for people refuses whoever is not signed in, loopback and the agent token included",
        arguments: Self.routes)
    func refusesStrangers(method: String, path: String) async throws {
        try await LocalAPIFixture.run { station in
            for authorization in Self.refused {
                let headers = authorization.map { ["Authorization": $0] } ?? [:]
                let answer = try await station.stranger.send(method, path, headers: headers)
                #expect(answer.status == 401, "\(authorization ?? "no header")")
                #expect(answer["WWW-Authenticate"] == "Bearer")
                guard method != "HEAD" else { continue }
                let isToken = authorization.map { $0.hasPrefix("Bearer ") && $0.count > 7 } ?? false
                try expectError(answer, 401, isToken ? "invalid_token" : "unauthorized")
            }
            #expect(station.hub.devices().isEmpty)
        }
    }

    @Test(
        "An access token is let in, whatever case the scheme is written in", arguments: ["Bearer", "bearer", "BEARER"])
    func letsIn(scheme: String) async throws {
        try await LocalAPIFixture.run { station in
            let headers = ["Authorization": "\(scheme) \(station.owner.accessToken.revealed)"]
            expectStatus(try await station.stranger.get("/api/devices", headers: headers), 200)
        }
    }

    @Test("A token given twice is refused")
    func twoTokens() async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                let bearer = "Authorization: Bearer \(station.owner.accessToken.revealed)\r\n"
                connection.send("GET /api/devices HTTP/1.1\r\nHost: 127.0.0.1\r\n\(bearer)\(bearer)\r\n")
                expectStatus(try await connection.answer(), 401)
            }
        }
    }
}
