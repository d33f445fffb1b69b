import LocalAPI
import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("What is not HTTP, or could be read in two ways")
struct FramingTests {
    /// Sends every case on a connection of its own, and looks at all that comes until it ends.
    private func play(_ cases: [RawCase], _ change: (inout LocalAPILimits) -> Void = { _ in }) async throws {
        var limits = LocalAPILimits()
        change(&limits)
        try await LocalAPIFixture.run(limits: limits) { station in
            for one in cases {
                let connection = try await RawConnection.open(port: station.port, sending: one.bytes)
                defer { connection.close() }
                try await eventually("\(one.name): the connection ends") { connection.isClosed }
                var statuses: [Int] = []
                while !connection.received.isEmpty { statuses.append(try await connection.answer().status) }
                #expect(statuses == one.statuses, "\(one.name)")
            }
            #expect(station.log.request("/smuggled") == nil)
            #expect(station.hub.devices().isEmpty)
            #expect(station.log.lines.allSatisfy { $0.level < .error }, "\(station.log.text)")
            expectStatus(try await station.stranger.get("/health"), 200)
        }
    }

    @Test("A message whose end is in doubt is refused, and nothing behind it is read")
    func framing() async throws { try await self.play(RawCase.framing) }

    @Test("A body that breaks gets no second answer, and nothing behind it is read")
    func chunks() async throws { try await self.play(RawCase.chunks) { $0.bodyTime = .milliseconds(200) } }

    @Test("A head that is not HTTP/1.1 is refused in the shape of all errors")
    func heads() async throws { try await self.play(RawCase.heads) }

    @Test("A head that does not come gets no answer")
    func unfinished() async throws { try await self.play(RawCase.unfinished) { $0.headTime = .milliseconds(200) } }

    @Test("A path is taken as it is: nothing in it is resolved or cut")
    func paths() async throws { try await self.play(RawCase.paths) }

    @Test("HTTP/1.0 is one request a connection", arguments: ["", "Connection: keep-alive\r\n"])
    func version10(field: String) async throws {
        try await LocalAPIFixture.run { station in
            let request = "GET /health HTTP/1.0\r\nHost: localhost\r\n\(field)\r\n"
            try await RawConnection.run(port: station.port, sending: request + RawCase.smuggled) { connection in
                let answer = try await connection.answer()
                expectStatus(answer, 200)
                #expect(answer["Connection"] == "close")
                try await connection.closed()
                #expect(connection.received.isEmpty)
            }
        }
    }

    @Test("A connection ends when its peer says so", arguments: ["close", "Close", "keep-alive, close", "close , x"])
    func close(option: String) async throws {
        try await LocalAPIFixture.run { station in
            let request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: \(option)\r\n\r\n"
            try await RawConnection.run(port: station.port, sending: request) { connection in
                let answer = try await connection.answer()
                expectStatus(answer, 200)
                #expect(answer["Connection"] == "close")
                try await connection.closed()
            }
        }
    }

    @Test("What is not HTTP after good requests is answered after their answers")
    func afterGoodOnes() async throws {
        try await LocalAPIFixture.run { station in
            let good = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
            try await RawConnection.run(port: station.port, sending: good + good + "no\r\n\r\n") { connection in
                expectStatus(try await connection.answer(), 200)
                expectStatus(try await connection.answer(), 200)
                try expectError(try await connection.answer(), 400, "malformed_request")
                try await connection.closed()
            }
            #expect(station.metrics.prometheusText.contains("\nstation_http_malformed_requests_total 1\n"))
        }
    }
}
