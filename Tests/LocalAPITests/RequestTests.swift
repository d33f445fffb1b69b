import Accounts
import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Requests and their bodies")
struct RequestTests {
    @Test(
        "An unknown path is told apart from an unknown device",
        arguments: ["/", "/api", "/api/nothing", "/api/device", "/api/devices/1/2/3"])
    func unknownRoute(path: String) async throws {
        try await LocalAPIFixture.run { station in
            try expectError(try await station.stranger.get(path), 404, "route_not_found")
            let head = try await station.stranger.send("HEAD", path)
            #expect(head.status == 404 && head.body.isEmpty)
        }
    }

    @Test(
        "A known path says which methods it takes",
        arguments: [
            ("PUT", "/api/devices", "GET, HEAD, OPTIONS, POST"), ("DELETE", "/api/devices", "GET, HEAD, OPTIONS, POST"),
            ("POST", "/api/devices/x", "DELETE, GET, HEAD, OPTIONS, PATCH"),
            ("GET", "/api/devices/x/command", "OPTIONS, POST"),
            ("POST", "/health", "GET, HEAD, OPTIONS"), ("PROPFIND", "/metrics", "GET, HEAD, OPTIONS"),
            ("TRACE", "/api/device-types", "GET, HEAD, OPTIONS"),
        ]
    )
    func wrongMethod(method: String, path: String, allow: String) async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.stranger.send(method, path)
            try expectError(answer, 405, "method_not_allowed")
            #expect(answer["Allow"] == allow)
            let options = try await station.stranger.send("OPTIONS", path)
            #expect(options.status == 204)
            #expect(options["Allow"] == allow)
        }
    }

    @Test("Slashes too many do not hide a route", arguments: ["/api/devices/", "//api//devices"])
    func slashes(path: String) async throws {
        try await LocalAPIFixture.run { station in
            expectStatus(try await station.api.get(path), 200)
            expectStatus(try await station.stranger.get(path), 401)
        }
    }

    @Test(
        "JSON is read strictly",
        arguments: [
            "", "{", "{\"name\":\"x\",}", "{\"name\":\"x\",\"name\":\"y\"}", "{'name':'x'}", "{\"name\":\"x\"} x",
            "{\"name\":\"\\ud800\"}", "nul", "{\"name\":01}",
        ]
    )
    func malformedJSON(body: String) async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.api.send(
                "POST", "/api/devices", headers: ["Content-Type": "application/json"], body: Array(body.utf8)
            )
            try expectError(answer, 400, "malformed_json")
            #expect(station.hub.devices().isEmpty)
        }
    }

    @Test(
        "Bytes that are not UTF-8, and UTF-16, are refused",
        arguments: [[0x7B, 0xFF, 0x7D], [0x7B, 0x00, 0x7D, 0x00]] as [[UInt8]])
    func notUTF8(body: [UInt8]) async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.api.send(
                "POST", "/api/devices", headers: ["Content-Type": "application/json"], body: body
            )
            try expectError(answer, 400, "malformed_json")
        }
    }

    @Test("JSON nested too deep is refused")
    func tooDeep() async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("X")
            let body =
                #"{"action":"a","x":"# + String(repeating: "[", count: 70) + String(repeating: "]", count: 70) + "}"
            let answer = try await station.api.send(
                "POST", "/api/devices/\(device.id)/command", headers: ["Content-Type": "application/json"],
                body: Array(body.utf8)
            )
            try expectError(answer, 400, "malformed_json")
        }
    }

    @Test("A body that is no object is refused", arguments: ["[]", "null", "\"name\"", "7", "true"])
    func notAnObject(body: String) async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.api.send(
                "POST", "/api/devices", headers: ["Content-Type": "application/json"], body: Array(body.utf8)
            )
            try expectError(answer, 400, "not_an_object")
        }
    }

    @Test(
        "A body of another type is refused",
        arguments: [
            nil, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16",
            "application/jsonx", "multipart/form-data; boundary=x",
        ] as [String?]
    )
    func wrongType(type: String?) async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.api.send(
                "POST", "/api/devices", headers: type.map { ["Content-Type": $0] } ?? [:],
                body: Array(#"{"name":"x"}"#.utf8)
            )
            try expectError(answer, 415, "unsupported_media_type")
            #expect(station.hub.devices().isEmpty)
        }
    }

    @Test(
        "JSON in UTF-8 is accepted however it is announced",
        arguments: ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""]
    )
    func rightType(type: String) async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.api.send(
                "POST", "/api/devices", headers: ["Content-Type": type], body: Array(#"{"name":"x"}"#.utf8)
            )
            #expect(answer.status == 201)
        }
    }

    @Test("A chunked body is read as a whole")
    func chunked() async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                connection.send(
                    """
                    POST /api/devices HTTP/1.1\r\nHost: localhost\r\n\(station.bearer)\
                    Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"name":\r\n4\r\n"x"}\r
                    0\r\n\r\n
                    """
                )
                expectStatus(try await connection.answer(), 201)
            }
        }
    }

    @Test("The caller's request id is kept when it can stand in a log, else a new one is made")
    func requestID() async throws {
        try await LocalAPIFixture.run { station in
            let kept = try await station.stranger.get("/nothing", headers: ["X-Request-Id": "abc-123.X_y"])
            #expect(kept["X-Request-Id"] == "abc-123.X_y")
            #expect(try kept.json["requestId"] == "abc-123.X_y")
            for bad in ["", "with blank", "<script>", String(repeating: "x", count: 65), "ü"] {
                let answer = try await station.stranger.get("/health", headers: ["X-Request-Id": bad])
                let id = try #require(answer["X-Request-Id"])
                #expect(id != bad && id.utf8.count == 36)
            }
        }
    }

    @Test("A request is logged once, with what it took and without its secrets")
    func logged() async throws {
        try await LocalAPIFixture.run { station in
            _ = try await station.stranger.get(
                "/health?Token=hidden1&x=1&access%5Ftoken=hidden2&token", headers: ["X-Request-Id": "log-1"]
            )
            let line = try #require(station.log.request("/health?Token=•••&x=1&access%5Ftoken=•••&token"))
            #expect(line.level == .debug)
            #expect(line.metadata["method"] == "GET")
            #expect(line.metadata["status"] == "200")
            #expect(line.metadata["request_id"] == "log-1")
            #expect(line.metadata["ms"].flatMap { Double($0) } != nil)
            #expect(station.log.lines.filter { $0.message == "request" }.count == 1)

            _ = try await station.api.post("/api/devices", json: ["name": "x"])
            #expect(station.log.request("/api/devices")?.level == .info)
            #expect(!station.log.text.contains("hidden"))
            #expect(!station.log.text.contains(station.owner.accessToken.revealed))
        }
    }
}
