import StationCore
import StationData
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("Joining a Wi-Fi network")
struct WiFiJoinTests {
    private static let path = "/api/network/wifi"
    private static let password = "correct horse battery"
    private static let body: JSONValue = ["ssid": "Café", "password": .string(password)]

    private static func join(_ station: LocalAPIFixture, _ body: JSONValue = Self.body) async throws -> HTTPAnswer {
        try await station.agent.send("PUT", Self.path, json: body)
    }

    private static func lastJoin(_ station: LocalAPIFixture) async throws -> JSONValue? {
        try await station.agent.get("/api/network").json["lastJoin"]
    }

    @Test("The network is told how the station is in it, and that stays to be seen")
    func joining() async throws {
        let network = ScriptedNetwork()
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock, ports: network.ports) { station in
            let answer = try await Self.join(station)
            expectStatus(answer, 200)
            #expect(try answer.json["wifi"]?["state"] == "connected")
            #expect(try answer.json["wifi"]?["network"]?["ssid"] == "Home")
            #expect(
                network.joins == [WiFiCredentials(ssid: Array("Café".utf8), password: Secret(Self.password))])
            let time = JSONValue.string(clock.wallTime.description)
            #expect(
                try await Self.lastJoin(station) == [
                    "ssid": "Café", "state": "joined", "startedAt": time, "endedAt": time, "error": .null,
                    "rollback": .null,
                ]
            )
            expectStatus(try await Self.join(station, ["ssid": "Open", "password": ""]), 200)
            #expect(network.joins.last?.password.isEmpty == true)
        }
    }

    private static let failures: [(WiFiJoinFailure.Reason, Int, String, String?)] = [
        (.networkNotFound, 422, "wifi_network_not_found", "body.ssid value_error"),
        (.wrongPassword, 422, "wifi_wrong_password", "body.password value_error"),
        (.unsupportedSecurity, 422, "wifi_unsupported_security", "body.ssid value_error"),
        (.noAddress, 502, "wifi_no_address", nil),
        (.other, 502, "wifi_not_joined", nil),
    ]

    @Test("A failure names its cause, and what became of the earlier connection", arguments: failures)
    func failing(reason: WiFiJoinFailure.Reason, status: Int, code: String, fault: String?) async throws {
        let network = ScriptedNetwork()
        try await LocalAPIFixture.run(ports: network.ports) { station in
            for rollback in WiFiJoinFailure.Rollback.allCases {
                let failure = WiFiJoinFailure(reason, rollback: rollback, detail: "the words of the service")
                network.setJoin(.failure(.notJoined(failure)))
                let answer = try await Self.join(station)
                try expectError(answer, status, code)
                if let fault { #expect(try faults(answer) == [fault]) }
                let message = try answer.json["message"]?.stringValue
                #expect(message == failure.description)
                #expect(message?.contains("again") == (rollback != .notNeeded))
                #expect(!answer.text.contains("the words of the service"))
                let last = try await Self.lastJoin(station)
                #expect(last?["state"] == "failed" && last?["rollback"] == .string(rollback.rawValue))
                #expect(last?["error"]?["code"] == .string(code))
                #expect(station.log.text.contains("the words of the service"))
            }
            #expect(try await station.hub.keptWiFi() == nil)
        }
    }

    @Test("While one is under way nothing disturbs it: another join and a scan are refused, the state is told")
    func exclusive() async throws {
        let network = ScriptedNetwork()
        try await LocalAPIFixture.run(ports: network.ports) { station in
            network.hold()
            let first = Task { try await Self.join(station) }
            try await eventually("the join is under way") { network.waiting == 1 }
            let other: JSONValue = ["ssid": "Other", "password": "password1"]
            try expectError(try await Self.join(station, other), 409, "wifi_busy")
            try expectError(try await station.agent.post(NetworkRouteTests.scan), 409, "wifi_busy")
            let last = try await Self.lastJoin(station)
            #expect(last?["ssid"] == "Café" && last?["state"] == "joining" && last?["endedAt"] == .null)
            network.release()
            expectStatus(try await first.value, 200)
            #expect(network.joins.count == 1 && network.scanCount == 0)
            expectStatus(try await Self.join(station, other), 200)
        }
    }

    @Test("It waits for a scan that is under way, and a scan that comes meanwhile is refused")
    func afterScan() async throws {
        let network = ScriptedNetwork()
        try await LocalAPIFixture.run(ports: network.ports) { station in
            network.hold()
            let scan = Task { try await station.agent.post(NetworkRouteTests.scan) }
            try await eventually("the scan is under way") { network.waiting == 1 }
            let join = Task { try await Self.join(station) }
            try await eventually("the join has begun") { try await Self.lastJoin(station) != .null }
            try expectError(try await station.agent.post(NetworkRouteTests.scan), 409, "wifi_busy")
            #expect(network.joins.isEmpty)
            network.release()
            expectStatus(try await scan.value, 200)
            expectStatus(try await join.value, 200)
            #expect(network.mostActive == 1 && network.joins.count == 1)
        }
    }

    @Test("It goes on when whoever asked for it is cut off, and its outcome is told to whoever asks then")
    func callerGone() async throws {
        let network = ScriptedNetwork()
        try await LocalAPIFixture.run(ports: network.ports) { station in
            network.hold()
            let body = String(decoding: Self.body.serialized(), as: UTF8.self)
            let caller = try await RawConnection.open(port: station.port)
            caller.send(
                "PUT \(Self.path) HTTP/1.1\r\nHost: localhost\r\n\(station.bearer)Content-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            try await eventually("the join is under way") { network.waiting == 1 }
            caller.close()
            try await caller.closed()
            for _ in 0..<20 { #expect(try await Self.lastJoin(station)?["state"] == "joining") }
            network.release()
            try await eventually("it has joined") { try await Self.lastJoin(station)?["state"] == "joined" }
            #expect(network.cancelled == 0)
        }
    }

    @Test("A stop of the agent gives it up at once, and says so")
    func stopping() async throws {
        let network = ScriptedNetwork()
        let parts = try await LocalAPIParts.make(ports: network.ports)
        let running = Task { try await parts.server.run() }
        let port = try await parts.server.boundPort
        let agent = HTTPProbe(port: port, token: LocalAPIFixture.token)
        network.hold()
        let join = Task { try await agent.send("PUT", Self.path, json: Self.body) }
        try await eventually("the join is under way") { network.waiting == 1 }
        await parts.server.stop()
        try expectError(try await join.value, 503, "shutting_down")
        try await end(of: running)
        #expect(network.cancelled == 1)
    }

    @Test("Where new devices have no network yet they are told to join the station's; one that is stored stays")
    func forDevices() async throws {
        try await LocalAPIFixture.run(ports: ScriptedNetwork().ports) { station in
            #expect(try await Self.join(station).json["keptForDevices"] == true)
            let kept = try await station.hub.keptWiFi()
            #expect(kept == WiFiCredentials(ssid: Array("Café".utf8), password: Secret(Self.password)))
            let other = try await Self.join(station, ["ssid": "Other", "password": ""])
            #expect(try other.json["keptForDevices"] == false)
            #expect(try await station.hub.keptWiFi() == kept)
        }
        let wifi = WiFiCredentials(ssid: Array("Configured".utf8), password: Secret(""))
        try await LocalAPIFixture.run(
            ports: ScriptedNetwork().ports, configure: { $0.wifi = { wifi } }
        ) { station in
            let answer = try await Self.join(station)
            #expect(try answer.json["keptForDevices"] == false)
            #expect(try await station.hub.keptWiFi() == nil)
        }
    }

    @Test("What no network has is refused before anybody is asked, and not repeated")
    func faulty() async throws {
        let network = ScriptedNetwork()
        try await LocalAPIFixture.run(ports: network.ports) { station in
            let long = String(repeating: "x", count: 64)
            let cases: [(JSONValue, [String])] = [
                ([:], ["body.ssid missing", "body.password missing"]),
                (["ssid": "", "password": "1234567"], ["body.ssid value_error", "body.password value_error"]),
                (["ssid": .string(long), "password": ""], ["body.ssid value_error"]),
                (["ssid": "Home", "password": .string(long)], ["body.password value_error"]),
                (["ssid": "Home", "password": "pass\u{0}word"], ["body.password value_error"]),
                (["ssid": 1, "password": .null], ["body.ssid type_error", "body.password type_error"]),
                (["ssid": "Home", "password": "", "psk": "x"], ["body.psk extra_forbidden"]),
            ]
            for (body, expected) in cases {
                let answer = try await Self.join(station, body)
                try expectError(answer, 422, "validation_failed")
                #expect(try faults(answer) == expected)
                #expect(!answer.text.contains(long) && !answer.text.contains("1234567"))
            }
            expectStatus(try await station.agent.send("PUT", Self.path), 400)
            #expect(network.joins.isEmpty)
            #expect(try await Self.lastJoin(station) == .null)
        }
    }

    @Test("The password is in no answer and in no line of the log, however it ends")
    func secrecy() async throws {
        let network = ScriptedNetwork()
        try await LocalAPIFixture.run(ports: network.ports) { station in
            var texts = [try await Self.join(station).text]
            let failure = WiFiJoinFailure(.wrongPassword, rollback: .restored, detail: "Secrets were required")
            network.setJoin(.failure(.notJoined(failure)))
            texts.append(try await Self.join(station).text)
            texts.append(try await station.agent.get("/api/network").text)
            texts.append(try await station.agent.get("/api/wifi/status").text)
            texts.append(station.log.text)
            for text in texts { #expect(!text.contains(Self.password), "\(text)") }
        }
    }
}
