import LocalAPI
import StationCore
import StationTestSupport
import Testing

@Suite("Limits on connections")
struct ConnectionLimitTests {
    private static let health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private static func limits(_ total: Int, kept: Int = 0, perPeer: Int = 32) -> LocalAPILimits {
        var limits = LocalAPILimits()
        limits.connections = total
        limits.connectionsKeptForLoopback = kept
        limits.connectionsPerPeer = perPeer
        return limits
    }

    private func count(_ reason: String, _ station: LocalAPIFixture) -> Int {
        let line = station.metrics.prometheusText.split(separator: "\n").first {
            $0.hasPrefix("station_http_refused_connections_total{reason=\"\(reason)\"}")
        }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    /// Opens connections that are known to be let in.
    private func settle(_ number: Int, on host: String, _ port: Int) async throws -> [RawConnection] {
        var connections: [RawConnection] = []
        for _ in 0..<number {
            let connection = try await RawConnection.open(
                host: host, port: port, sending: Array("GET /health HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8)
            )
            connections.append(connection)
            expectStatus(try await connection.answer(), 200)
        }
        return connections
    }

    @Test("Beyond the limit a newcomer is told so at once, and gets in when another has left")
    func total() async throws {
        try await LocalAPIFixture.run(limits: Self.limits(2)) { station in
            let settled = try await self.settle(2, on: "127.0.0.1", station.port)
            defer { for connection in settled { connection.close() } }
            try await RawConnection.run(port: station.port, sending: Self.health) { third in
                let answer = try await third.answer()
                try expectError(answer, 503, "too_many_connections")
                #expect(answer["Retry-After"] == "5")
                #expect(answer["Connection"] == "close")
                try await third.closed()
                #expect(third.received.isEmpty)
            }
            #expect(self.count("total", station) == 1)
            #expect(station.log.lines.count { $0.message == "connections are refused" } == 1)
            settled[1].send(Self.health)
            expectStatus(try await settled[1].answer(), 200)

            settled[0].close()
            try await eventually("there is a place again") { try await station.stranger.get("/health").status == 200 }
        }
    }

    @Test("A flood is refused to the last and leaves nothing behind")
    func flood() async throws {
        try await LocalAPIFixture.run(limits: Self.limits(4)) { station in
            let settled = try await self.settle(4, on: "127.0.0.1", station.port)
            let flood = try await withThrowingTaskGroup(of: RawConnection.self) { group in
                for _ in 0..<300 { group.addTask { try await RawConnection.open(port: station.port) } }
                return try await group.reduce(into: [RawConnection]()) { $0.append($1) }
            }
            for connection in flood { try await connection.closed() }
            #expect(self.count("total", station) == 300)
            settled[0].send(Self.health)
            expectStatus(try await settled[0].answer(), 200)
            for connection in settled { connection.close() }
            try await eventually("all have gone") {
                station.metrics.prometheusText.contains("\nstation_http_connections 0\n")
            }
            expectStatus(try await station.stranger.get("/health"), 200)
        }
    }

    @Test(
        "One address has its share; the station itself gets in all the same",
        .enabled(if: MachineAddress.lan != nil, "the machine has no network")
    )
    func perPeer() async throws {
        let lan = try #require(MachineAddress.lan)
        try await LocalAPIFixture.run(
            limits: Self.limits(8, kept: 2, perPeer: 3), configure: { $0.host = "0.0.0.0" }
        ) { station in
            let guest = try await self.settle(3, on: lan, station.port)
            try await RawConnection.run(host: lan, port: station.port) { fourth in
                try expectError(try await fourth.answer(), 503, "too_many_connections")
            }
            #expect(self.count("peer", station) == 1)
            let own = try await self.settle(5, on: "127.0.0.1", station.port)
            guest[0].close()
            try await eventually("the guest has a place again") {
                try await RawConnection.run(host: lan, port: station.port) { connection in
                    connection.send("GET /health HTTP/1.1\r\nHost: \(lan)\r\n\r\n")
                    return try await connection.answer().status == 200
                }
            }
            for connection in guest + own { connection.close() }
        }
    }

    @Test(
        "Guests together do not get the places that are kept for the station itself",
        .enabled(if: MachineAddress.lan != nil, "the machine has no network")
    )
    func keptForLoopback() async throws {
        let lan = try #require(MachineAddress.lan)
        try await LocalAPIFixture.run(
            limits: Self.limits(4, kept: 2), configure: { $0.host = "0.0.0.0" }
        ) { station in
            let guests = try await self.settle(2, on: lan, station.port)
            try await RawConnection.run(host: lan, port: station.port) { third in
                try expectError(try await third.answer(), 503, "too_many_connections")
            }
            let own = try await self.settle(2, on: "127.0.0.1", station.port)
            try await RawConnection.run(port: station.port) { fifth in
                try expectError(try await fifth.answer(), 503, "too_many_connections")
            }
            for connection in guests + own { connection.close() }
        }
    }
}
