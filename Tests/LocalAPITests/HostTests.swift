import LocalAPI
import StationCore
import StationTestSupport
import Testing

@Suite("The names of the station")
struct HostTests {
    private static let names = StationNames(["pi", "Pi.local", "home.example", "203.0.113.9", "0.0.0.0", ""])

    private func answer(
        _ fields: String, target: String = "/health", _ station: LocalAPIFixture
    ) async throws -> HTTPAnswer {
        try await RawConnection.run(port: station.port, sending: "GET \(target) HTTP/1.1\r\n\(fields)\r\n") {
            try await $0.answer()
        }
    }

    @Test(
        "It answers to its names and to the address that it was reached at, whatever port is written",
        arguments: [
            "localhost", "LocalHost:3000", "pi", "pi.local", "PI.LOCAL.", "pi.local:80", "pi.local:",
            "home.example:443",
            "127.0.0.1", "127.0.0.1:1", "127.0.0.2", "[::1]:3000", "[::ffff:127.0.0.1]", "203.0.113.9",
        ])
    func own(host: String) async throws {
        try await LocalAPIFixture.run(configure: { $0.names = Self.names }) { station in
            expectStatus(try await self.answer("Host: \(host)\r\n", station), 200)
        }
    }

    @Test(
        "It does not answer to a name that somebody else has pointed to it",
        arguments: [
            "evil.example", "pi.local.evil.example", "local", "pi.example", "127.0.0.1.evil.example", "0.0.0.0",
            "192.168.0.9", "[fe80::1]", "2130706433", "127.1", "0x7f.0.0.1", "localhost.evil", "_", "xn--pi-local",
        ])
    func foreign(host: String) async throws {
        try await LocalAPIFixture.run(configure: { $0.names = Self.names }) { station in
            let answer = try await self.answer("Host: \(host)\r\n", station)
            try expectError(answer, 421, "invalid_host")
            let message = try #require(try answer.json["message"]?.stringValue)
            #expect(message.contains("“localhost”, “pi”, “pi.local”, “home.example”"))
            #expect(message.contains("BACKEND_PUBLIC_URL"))
        }
    }

    @Test(
        "What is no host is refused",
        arguments: [
            "", "Host:\r\n", "Host: \r\n", "Host: localhost\r\nHost: localhost\r\n",
            "Host: localhost\r\nhost: evil.example\r\n", "Host: localhost, localhost\r\n", "Host: http://localhost\r\n",
            "Host: localhost/\r\n", "Host: user@localhost\r\n", "Host: localhost:99999\r\n", "Host: localhost:a\r\n",
            "Host: [localhost]\r\n", "Host: ::1\r\n", "Host: [::1\r\n", "Host: localhost\u{e4}\r\n", "Host: [::1]x\r\n",
            "Host: local host\r\n", "Host: localhost:80:80\r\n", "Host: \(String(repeating: "a", count: 254))\r\n",
        ])
    func malformed(fields: String) async throws {
        try await LocalAPIFixture.run(configure: { $0.names = Self.names }) { station in
            try expectError(try await self.answer(fields, station), 400, "invalid_host")
        }
    }

    @Test(
        "An address with a host in it is judged by that host too",
        arguments: [
            ("http://localhost/health", 200), ("http://pi.local:80/health", 200), ("http://evil.example/health", 421),
            ("http://evil.example@localhost/health", 400),
        ])
    func absoluteForm(target: String, status: Int) async throws {
        try await LocalAPIFixture.run(configure: { $0.names = Self.names }) { station in
            expectStatus(try await self.answer("Host: localhost\r\n", target: target, station), status)
        }
    }

    @Test(
        "In the LAN it answers to the address that it was reached at, and to no other",
        .enabled(if: MachineAddress.lan != nil, "the machine has no network")
    )
    func lan() async throws {
        let lan = try #require(MachineAddress.lan)
        try await LocalAPIFixture.run(configure: { $0.host = "0.0.0.0" }) { station in
            for (host, status) in [(lan, 200), ("localhost", 200), ("127.0.0.1", 421), ("10.255.255.254", 421)] {
                let answer = try await RawConnection.run(host: lan, port: station.port) { connection in
                    connection.send("GET /health HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                    return try await connection.answer()
                }
                #expect(answer.status == status, "\(host)")
            }
        }
    }
}
