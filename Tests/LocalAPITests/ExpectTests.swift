import LocalAPI
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A body that waits to be asked for")
struct ExpectTests {
    private static let body = #"{"name":"x"}"#

    private func head(_ fields: String, length: Int = body.utf8.count, version: String = "1.1") -> String {
        "POST /api/devices HTTP/\(version)\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(length)\r\n\(fields)\r\n"
    }

    @Test(
        "It is asked for with 100 once a route reads it, and the connection goes on",
        arguments: ["100-continue", "100-Continue"])
    func asked(expectation: String) async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                for _ in 0..<2 {
                    connection.send(self.head(station.bearer + "Expect: \(expectation)\r\n"))
                    let interim = try await connection.answer()
                    expectStatus(interim, 100)
                    #expect(interim.headers.isEmpty)
                    connection.send(Self.body)
                    expectStatus(try await connection.answer(), 201)
                }
            }
            #expect(station.hub.devices().count == 2)
        }
    }

    @Test("It is not asked for when its sender has no access, and the connection is closed")
    func noAccess() async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                connection.send(self.head("Expect: 100-continue\r\n"))
                let answer = try await connection.answer()
                try expectError(answer, 401, "unauthorized")
                #expect(answer["Connection"] == "close")
                try await connection.closed()
                #expect(connection.received.isEmpty)
            }
        }
    }

    @Test("It is not asked for when it is announced too large")
    func tooLarge() async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                connection.send(self.head(station.bearer + "Expect: 100-continue\r\n", length: 2_000_000))
                try expectError(try await connection.answer(), 413, "body_too_large")
                try await connection.closed()
            }
        }
    }

    @Test("What the station cannot do is told", arguments: ["200-ok", "100-continue, 200-ok", ""])
    func unknown(expectation: String) async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                connection.send(self.head(station.bearer + "Expect: \(expectation)\r\n"))
                try expectError(try await connection.answer(), 417, "expectation_failed")
                try await connection.closed()
            }
            #expect(station.hub.devices().isEmpty)
        }
    }

    @Test("A sender that does not wait is served like any other", arguments: ["1.1", "1.0"])
    func impatient(version: String) async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                connection.send(self.head(station.bearer + "Expect: 100-continue\r\n", version: version) + Self.body)
                if version == "1.1" { expectStatus(try await connection.answer(), 100) }
                expectStatus(try await connection.answer(), 201)
            }
        }
    }

    @Test("A request without a body is not held up by an expectation")
    func noBody() async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                for _ in 0..<2 {
                    connection.send("GET /health HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\r\n")
                    expectStatus(try await connection.answer(), 200)
                }
            }
        }
    }
}
