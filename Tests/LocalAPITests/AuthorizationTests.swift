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
        nil, "", "Bearer", "Bearer ", "Bearer wrong-token", "Bearer agent-token-for-test",
        "Bearer agent-token-for-tests1",
        "Bearer Agent-token-for-tests", "Basic agent-token-for-tests", "agent-token-for-tests",
        "Bearer agent-token-for-tests extra",
    ]

    @Test("Every route but health refuses a caller without the token, loopback included", arguments: Self.routes)
    func refusesStrangers(method: String, path: String) async throws {
        try await LocalAPIFixture.run { station in
            for authorization in Self.refused {
                let headers = authorization.map { ["Authorization": $0] } ?? [:]
                let answer = try await station.stranger.send(method, path, headers: headers)
                #expect(answer.status == 401, "\(authorization ?? "no header")")
                #expect(answer["WWW-Authenticate"] == "Bearer")
                if method != "HEAD" { try expectError(answer, 401, "unauthorized") }
            }
            #expect(station.hub.devices().isEmpty)
        }
    }

    @Test(
        "The right token is let in, whatever case the scheme is written in", arguments: ["Bearer", "bearer", "BEARER"])
    func letsIn(scheme: String) async throws {
        try await LocalAPIFixture.run { station in
            let headers = ["Authorization": "\(scheme) \(LocalAPIFixture.token.revealed)"]
            expectStatus(try await station.stranger.get("/api/devices", headers: headers), 200)
        }
    }

    @Test("An empty agent token lets nobody in", arguments: ["Bearer ", "Bearer", "Bearer x", ""])
    func emptyTokenNeverMatches(authorization: String) async throws {
        try await LocalAPIFixture.run(token: Secret("")) { station in
            let answer = try await station.stranger.get("/api/devices", headers: ["Authorization": authorization])
            try expectError(answer, 401, "unauthorized")
        }
    }

    @Test("A token given twice is refused")
    func twoTokens() async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                let bearer = "Authorization: Bearer \(LocalAPIFixture.token.revealed)\r\n"
                connection.send("GET /api/devices HTTP/1.1\r\nHost: localhost\r\n\(bearer)\(bearer)\r\n")
                expectStatus(try await connection.answer(), 401)
            }
        }
    }
}
