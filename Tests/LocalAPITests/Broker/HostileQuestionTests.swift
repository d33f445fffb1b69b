import Accounts
import StationCore
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("Questions of brokers that cannot be read")
struct HostileQuestionTests {
    private static let json = "application/json"
    private static let form = "application/x-www-form-urlencoded"

    /// Bodies that no question may have, with their content types.
    private static let bodies: [(type: String?, body: [UInt8])] =
        [
            (Self.json, "{"), (Self.json, "[]"), (Self.json, "7"), (Self.json, "true"), (Self.json, "\"x\""),
            (Self.json, "{\"username\":\"a\",\"username\":\"b\"}"), (Self.json, "{} x"), (Self.json, "{\"acc\":4,}"),
            (Self.json, "{\"username\":5}"), (Self.json, "{\"username\":{}}"), (Self.json, "{\"password\":[]}"),
            (Self.json, "{\"clientid\":true}"), (Self.json, "nul"), (Self.json, "{'username':'a'}"),
            (Self.json, "{\"username\":\"\\ud800\"}"), (Self.json, "acc=4&topic=x"), (Self.json, " "),
            (Self.json, String(repeating: "[", count: 100_000)),
            (Self.json, "{\"x\":" + String(repeating: "{\"a\":", count: 70) + "1" + String(repeating: "}", count: 71)),
            (Self.form, "username=%"), (Self.form, "username=%zz"), (Self.form, "username=%ff"),
            (Self.form, "username=a&username=b"), (Self.form, "a%6=1"),
            (Self.form, (0..<65).map { "f\($0)=1" }.joined(separator: "&")),
            ("text/plain", "{}"), ("application/xml", "<a/>"), ("application/json; charset=utf-16", "{}"),
            ("multipart/form-data; boundary=x", "--x--"), ("application/jsonx", "null"), ("", "x"), (nil, "x"),
        ].map { ($0.0, Array($0.1.utf8)) }
        + [
            (Self.json, [0x7B, 0xFF, 0x7D]), (Self.json, [0xEF, 0xBB, 0xBF, 0x7B, 0x7D]),
            (Self.form, [0x61, 0x3D, 0xC3]),
        ]

    private static func send(
        _ path: String, _ type: String?, _ body: [UInt8], _ station: LocalAPIFixture
    ) async throws -> HTTPAnswer {
        // With a good token, so that nothing but the body can be the reason.
        try await station.api.send("POST", path, headers: type.map { ["Content-Type": $0] } ?? [:], body: body)
    }

    @Test("mosquitto-go-auth is answered with 400 in its own words, EMQX with a denial", arguments: Self.bodies.indices)
    func unreadable(index: Int) async throws {
        let (type, body) = Self.bodies[index]
        try await LocalAPIFixture.run { station in
            try await Self.check(type, body, station)
        }
    }

    private static func check(_ type: String?, _ body: [UInt8], _ station: LocalAPIFixture) async throws {
        for path in ["/mqtt/user", "/mqtt/acl", "/mqtt/superuser"] {
            try expectFault(try await Self.send(path, type, body, station))
        }
        for path in LocalAPIFixture.questionPaths.dropFirst(3) {
            try expectResult(try await Self.send(path, type, body, station), ["result": "deny"])
        }
        expectVerdict(try await station.ask("/mqtt/user", json: "null", bearer: station.owner.accessToken), 200)
    }

    @Test(
        "Of a question about access action and topic must be there and be understood",
        arguments: [
            "null", "{}", #"{"acc":4}"#, #"{"topic":"x"}"#, #"{"acc":null,"topic":"x"}"#, #"{"acc":4,"topic":null}"#,
            #"{"acc":"x","topic":"x"}"#, #"{"acc":4.5,"topic":"x"}"#, #"{"acc":[4],"topic":"x"}"#,
            #"{"acc":4,"topic":7}"#, #"{"acc":4,"topic":["x"]}"#, #"{"acc":true,"topic":"x"}"#,
        ])
    func access(body: String) async throws {
        try await LocalAPIFixture.run { station in
            try expectFault(try await station.ask("/mqtt/acl", json: body, bearer: station.owner.accessToken))
            let emqx = try await station.ask("/mqtt/emqx/acl", json: body, bearer: station.owner.accessToken)
            try expectResult(emqx, ["result": "deny"])
        }
    }

    @Test("A body that is too large or too slow is no fault of the station's either")
    func sizes() async throws {
        var limits = LocalAPILimits()
        limits.bodyTime = .milliseconds(200)
        try await LocalAPIFixture.run(limits: limits) { station in
            for path in LocalAPIFixture.questionPaths {
                try await Self.checkSizes(path, station)
            }
        }
    }

    private static func checkSizes(_ path: String, _ station: LocalAPIFixture) async throws {
        let head = "POST \(path) HTTP/1.1\r\nHost: localhost\r\n\(station.bearer)Content-Type: application/json\r\n"
        for request in [
            "Content-Length: 1048577\r\n\r\n", "Content-Length: 12\r\n\r\n{\"user",
            "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n",
        ] {
            try await RawConnection.run(port: station.port, sending: head + request) { connection in
                try Self.expectRefusal(of: path, try await connection.answer())
                try await connection.closed()
            }
        }
    }

    private static func expectRefusal(of path: String, _ answer: HTTPAnswer) throws {
        if path.hasPrefix("/mqtt/"), !path.hasPrefix("/mqtt/emqx/") {
            try expectFault(answer)
        } else {
            try expectResult(answer, ["result": "deny"])
        }
    }

    @Test("Any bytes at all are answered with 200, 400 or 403")
    func anyBytes() async throws {
        try await LocalAPIFixture.run { station in
            var random = RepeatableRandom(seed: 20_261_128)
            for round in 0..<300 {
                let (path, type, body) = Self.hostile(&random)
                let answer = try await Self.send(path, type, body, station)
                #expect([200, 400, 403].contains(answer.status), "round \(round): \(answer.text)")
                #expect((try? answer.json) != nil, "round \(round)")
            }
            expectStatus(try await station.stranger.get("/health"), 200)
        }
    }

    private static func hostile(_ random: inout RepeatableRandom) -> (path: String, type: String?, body: [UInt8]) {
        let parts = [
            "{", "}", "[", "]", ":", ",", "\"", "\"acc\"", "\"topic\"", "\"username\"", "\"clientid\"", "\"password\"",
            "4", "-0", "1e999", "null", "acc=4", "&", "topic=%23", "=", "%", "%00", "\\u0000", "\u{0}", "e30.e30.e30",
            "station-agent", "device:", "\u{301}", "🙂", "$share/", "+", "#",
        ]
        var body: [UInt8] = []
        for _ in 0..<Int(random.next() % 12) {
            body += random.once(in: 8) ? random.bytes(3) : Array(random.pick(parts).utf8)
        }
        let type = random.pick([Self.json, Self.form, "text/plain", nil])
        return (random.pick(LocalAPIFixture.questionPaths), type, body)
    }

    @Test("Only POST asks", arguments: LocalAPIFixture.questionPaths)
    func methods(path: String) async throws {
        try await LocalAPIFixture.run { station in
            for method in ["GET", "PUT", "DELETE"] {
                try expectError(try await station.stranger.send(method, path), 405, "method_not_allowed")
            }
        }
    }
}
