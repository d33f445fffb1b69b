import LocalAPI
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Web pages and what a browser may make of answers")
struct OriginTests {
    private static let friend = "https://app.example:8443"

    private func run(_ body: (LocalAPIFixture, AllowedOrigins) async throws -> Void) async throws {
        let origins = AllowedOrigins([Self.friend], publicURL: "https://Home.Example/station")
        try await LocalAPIFixture.run(
            configure: {
                $0.origins = origins
                $0.names = StationNames(["pi.local", "home.example"])
            }
        ) { try await body($0, origins) }
    }

    @Test(
        "Pages of the station itself, and configured ones, may change things",
        arguments: [
            ("https://app.example:8443", "localhost"), ("http://pi.local:3000", "pi.local:3000"),
            ("http://pi.local", "pi.local"), ("http://pi.local", "pi.local:80"), ("https://pi.local", "pi.local"),
            ("https://home.example", "127.0.0.1:3000"), ("http://[::1]:3000", "[::1]:3000"),
            ("http://PI.local:3000", "pi.local:3000"),
        ])
    func allowed(origin: String, host: String) async throws {
        try await self.run { station, _ in
            let answer = try await self.post(station, origin: origin, host: host)
            expectStatus(answer, 201)
        }
    }

    @Test(
        "Pages of anybody else may not",
        arguments: [
            ("https://evil.example", "localhost"), ("null", "localhost"), ("", "localhost"),
            ("https://app.example", "localhost"), ("http://app.example:8443", "localhost"),
            ("http://pi.local:8080", "pi.local:3000"), ("http://localhost", "localhost:3000"),
            ("http://pi.local", "localhost"), ("file://", "localhost"), ("http://home.example", "127.0.0.1"),
            ("https://app.example:8443.evil.example", "localhost"), ("ftp://pi.local", "pi.local"),
            ("https://app.example:8443, https://evil.example", "localhost"),
        ])
    func foreign(origin: String, host: String) async throws {
        try await self.run { station, _ in
            let answer = try await self.post(station, origin: origin, host: host)
            try expectError(answer, 403, "origin_not_allowed")
            #expect(answer["Access-Control-Allow-Origin"] == nil)
            #expect(station.hub.devices().isEmpty)
        }
    }

    private func post(_ station: LocalAPIFixture, origin: String, host: String) async throws -> HTTPAnswer {
        let body = #"{"name":"x"}"#
        return try await RawConnection.run(
            port: station.port,
            sending: "POST /api/devices HTTP/1.1\r\nHost: \(host)\r\nOrigin: \(origin)\r\n"
                + "\(station.bearer)Content-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        ) { try await $0.answer() }
    }

    @Test("Configured pages may read answers, errors too; others may not")
    func reading() async throws {
        try await self.run { station, _ in
            for (path, status) in [("/health", 200), ("/nothing", 404), ("/api/devices", 401)] {
                let shared = try await station.stranger.get(path, headers: ["Origin": Self.friend])
                expectStatus(shared, status)
                #expect(shared["Access-Control-Allow-Origin"] == Self.friend)
                #expect(shared["Access-Control-Expose-Headers"]?.contains("X-Total-Count") == true)
                #expect(shared["Access-Control-Allow-Credentials"] == nil)
                #expect(shared["Cross-Origin-Resource-Policy"] == "cross-origin")
                #expect(shared["Vary"] == "Origin")
                let kept = try await station.stranger.get(path, headers: ["Origin": "https://evil.example"])
                expectStatus(kept, status)
                #expect(kept["Access-Control-Allow-Origin"] == nil)
                #expect(kept["Cross-Origin-Resource-Policy"] == "same-origin")
                #expect(kept["Vary"] == "Origin")
            }
        }
    }

    @Test("A preflight of a configured page tells what it may send, on routes that there are")
    func preflight() async throws {
        try await self.run { station, _ in
            let headers = [
                "Origin": Self.friend, "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Headers": "authorization,content-type",
            ]
            let answer = try await station.stranger.send("OPTIONS", "/api/devices/x", headers: headers)
            expectStatus(answer, 204)
            #expect(answer["Access-Control-Allow-Origin"] == Self.friend)
            #expect(answer["Access-Control-Allow-Methods"] == answer["Allow"])
            #expect(answer["Access-Control-Allow-Methods"]?.contains("PATCH") == true)
            #expect(answer["Access-Control-Allow-Headers"] == "Authorization, Content-Type, X-Request-Id")
            #expect(answer["Access-Control-Max-Age"] == "600")
            expectStatus(try await station.stranger.send("OPTIONS", "/nothing", headers: headers), 404)

            let stranger = headers.merging(["Origin": "https://evil.example"]) { $1 }
            let kept = try await station.stranger.send("OPTIONS", "/api/devices/x", headers: stranger)
            #expect(kept["Access-Control-Allow-Origin"] == nil)
            #expect(kept["Access-Control-Allow-Methods"] == nil)
        }
    }

    @Test("Origins that are taken away count no more, new ones do")
    func live() async throws {
        try await self.run { station, origins in
            origins.replace(by: ["https://new.example"])
            let old = try await station.stranger.get("/health", headers: ["Origin": Self.friend])
            #expect(old["Access-Control-Allow-Origin"] == nil)
            let new = try await station.stranger.get("/health", headers: ["Origin": "https://new.example"])
            #expect(new["Access-Control-Allow-Origin"] == "https://new.example")
        }
    }

    @Test(
        "Every answer tells the browser to make nothing of it but what it is",
        arguments: [
            "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", "hello\r\n\r\n",
        ])
    func safety(request: String) async throws {
        try await self.run { station, _ in
            let answer = try await RawConnection.run(port: station.port, sending: request) { try await $0.answer() }
            #expect(answer["X-Content-Type-Options"] == "nosniff")
            #expect(answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'")
            #expect(answer["Referrer-Policy"] == "no-referrer")
            #expect(answer["X-Frame-Options"] == "DENY")
            #expect(answer["Cross-Origin-Resource-Policy"] == "same-origin")
            #expect(answer["Cache-Control"] == "no-store")
            #expect(answer["Strict-Transport-Security"] == nil)
            #expect(answer["X-Request-Id"]?.isEmpty == false)
        }
    }

    @Test("An answer is dated as HTTP dates")
    func date() async throws {
        try await self.run { station, _ in
            let date = try #require(try await station.stranger.get("/health")["Date"])
            let form = /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z][a-z] 2\d\d\d \d\d:\d\d:\d\d GMT/
            #expect(date.wholeMatch(of: form) != nil, "\(date)")
        }
    }
}
