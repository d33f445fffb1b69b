import Logging
import StationCore
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("The station's network")
struct NetworkRouteTests {
    static let scan = "/api/network/wifi/scan"
    static let wifi = "/api/network/wifi"
    private static let body: JSONValue = ["ssid": "Home", "password": "password1"]

    @Test("It is told with all its devices")
    func network() async throws {
        try await LocalAPIFixture.run(ports: ScriptedNetwork().ports) { station in
            let answer = try await station.agent.get("/api/network")
            expectStatus(answer, 200)
            #expect(
                try answer.json == [
                    "connectivity": "full", "primaryInterface": "eth0", "gateway": "192.168.1.1",
                    "nameServers": ["192.168.1.1"],
                    "devices": [
                        [
                            "interface": "eth0", "kind": "ethernet", "state": "connected",
                            "hardwareAddress": "DC:A6:32:00:00:01", "connection": "Wired connection 1",
                            "addresses": ["192.168.1.10/24"],
                        ],
                        [
                            "interface": "wlan0", "kind": "wifi", "state": "disconnected", "hardwareAddress": .null,
                            "connection": .null, "addresses": [],
                        ],
                    ],
                    "wifi": ["state": "disconnected", "interface": "wlan0", "network": .null, "addresses": []],
                    "lastJoin": .null,
                ]
            )
        }
    }

    @Test("A station without Wi-Fi, or with a radio that is off, says so and is no error")
    func wifiStatus() async throws {
        let network = ScriptedNetwork()
        try await LocalAPIFixture.run(ports: network.ports) { station in
            for state in WiFiStatus.State.allCases {
                network.set(.success(NetworkState(connectivity: .none, devices: [], wifi: WiFiStatus(state: state))))
                let answer = try await station.agent.get("/api/wifi/status")
                expectStatus(answer, 200)
                #expect(
                    try answer.json == [
                        "state": .string(state.rawValue), "interface": .null, "network": .null, "addresses": [],
                    ]
                )
            }
            network.set(.success(NetworkState(connectivity: .full, devices: [], wifi: ScriptedNetwork.joined)))
            let joined = try await station.agent.get("/api/wifi/status").json
            #expect(joined["network"]?["ssid"] == "Home" && joined["addresses"] == ["192.168.1.20/24", "fe80::1/64"])
        }
    }

    @Test("A scan tells networks as they are, those without a readable name too")
    func scanning() async throws {
        let network = ScriptedNetwork()
        let odd = WiFiNetwork(ssid: [0xFF, 0x0A], signal: 130, frequency: nil, security: .enterprise)
        network.setScan(.success([ScriptedNetwork.home, odd]))
        try await LocalAPIFixture.run(ports: network.ports) { station in
            let answer = try await station.agent.post(Self.scan)
            expectStatus(answer, 200)
            #expect(
                try answer.json == [
                    [
                        "ssid": "Home", "ssidHex": "486f6d65", "signal": 70, "frequency": 2437, "security": "wpa",
                        "joined": true, "known": true,
                    ],
                    [
                        "ssid": "\u{FFFD}\n", "ssidHex": "ff0a", "signal": 100, "frequency": .null,
                        "security": "enterprise", "joined": false, "known": false,
                    ],
                ]
            )
        }
    }

    @Test("All who ask for a scan meanwhile share it")
    func scanIsShared() async throws {
        let network = ScriptedNetwork()
        try await LocalAPIFixture.run(ports: network.ports) { station in
            network.hold()
            let callers = Self.scans(5, by: station.agent)
            try await eventually("a scan is under way") { network.waiting == 1 }
            // Time enough for the others to come, too.
            for _ in 0..<20 { expectStatus(try await station.agent.get("/api/network"), 200) }
            #expect(network.scanCount == 1)
            network.release()
            for caller in callers {
                #expect(try await caller.value.json.arrayValue?.first?["ssid"] == "Home")
            }
            #expect(network.scanCount == 1 && network.mostActive == 1)
        }
    }

    private static func scans(_ count: Int, by caller: HTTPProbe) -> [Task<HTTPAnswer, any Error>] {
        (0..<count).map { _ in Task { try await caller.post(Self.scan) } }
    }

    @Test("A fresh scan is not repeated; one of 5 s ago, one that failed and one before a join are")
    func freshness() async throws {
        let network = ScriptedNetwork()
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock, ports: network.ports) { station in
            for _ in 0..<3 { expectStatus(try await station.agent.post(Self.scan), 200) }
            #expect(network.scanCount == 1)
            clock.advance(by: .seconds(5))
            expectStatus(try await station.agent.post(Self.scan), 200)
            #expect(network.scanCount == 2)
            expectStatus(try await station.agent.send("PUT", Self.wifi, json: Self.body), 200)
            network.setScan(.failure(.timedOut(.networkManager)))
            try expectError(try await station.agent.post(Self.scan), 503, "network_timeout")
            network.setScan(.success([]))
            #expect(try await station.agent.post(Self.scan).json == [])
            #expect(network.scanCount == 4)
        }
    }

    @Test("While a new device is connected over Bluetooth nobody scans or joins: they wait, and are told so after 20 s")
    func quietRadio() async throws {
        let network = ScriptedNetwork()
        let clock = ManualClock()
        let radio = RadioQuiet()
        try await LocalAPIFixture.run(clock: clock, radio: radio, ports: network.ports) { station in
            radio.begin()
            let others = clock.sleeperCount
            let early = Self.scans(1, by: station.agent)
            try await eventually("it waits for the radio") { clock.sleeperCount > others }
            #expect(network.scanCount == 0)
            radio.end()
            for caller in early { expectStatus(try await caller.value, 200) }
            #expect(network.scanCount == 1)
            clock.advance(by: .seconds(5))
            radio.begin()
            let late = Self.scans(1, by: station.agent)
            try await eventually("it waits, too") { clock.sleeperCount > others }
            clock.advance(by: NetworkDesk.quietLimit)
            for caller in late { try expectError(try await caller.value, 409, "wifi_busy") }
            #expect(network.scanCount == 1 && network.joins.isEmpty)
        }
    }

    private static let hostFaults: [(HostFault, Int, String)] = [
        (.unavailable(.networkManager, "no such name"), 503, "network_unavailable"),
        (.refused(.networkManager, "polkit says no"), 503, "network_not_allowed"),
        (.timedOut(.networkManager), 503, "network_timeout"),
        (.failed(.networkManager, "what a mess"), 502, "network_failed"),
        (.noWiFi, 503, "wifi_absent"),
        (.radioBlocked, 503, "wifi_blocked"),
        (.busy, 409, "wifi_busy"),
    ]

    @Test("What is missing is told by a code; what a service said is for the log", arguments: hostFaults)
    func faulty(fault: HostFault, status: Int, code: String) async throws {
        let network = ScriptedNetwork()
        network.set(.failure(fault))
        network.setScan(.failure(fault))
        network.setJoin(.failure(fault))
        try await LocalAPIFixture.run(ports: network.ports) { station in
            var answers: [HTTPAnswer] = []
            for path in ["/api/network", "/api/wifi/status"] { answers.append(try await station.agent.get(path)) }
            answers.append(try await station.agent.post(Self.scan))
            answers.append(try await station.agent.send("PUT", Self.wifi, json: Self.body))
            for answer in answers {
                try expectError(answer, status, code)
                if let detail = fault.detail { #expect(!answer.text.contains(detail)) }
            }
            if let detail = fault.detail {
                let told = station.log.lines.count { $0.level == .warning && $0.metadata["detail"] == detail }
                #expect(told >= answers.count)
            }
        }
    }

    @Test("Where nobody can be asked, every route says so, and the health of the station knows nothing of it")
    func nobody() async throws {
        try await LocalAPIFixture.run { station in
            let before = try await station.stranger.get("/health").json["status"]
            for path in ["/api/network", "/api/wifi/status"] {
                try expectError(try await station.agent.get(path), 503, "network_unavailable")
            }
            try expectError(try await station.agent.post(Self.scan), 503, "network_unavailable")
            let join = try await station.agent.send("PUT", Self.wifi, json: Self.body)
            try expectError(join, 503, "network_unavailable")
            #expect(try await station.stranger.get("/health").json["status"] == before)
        }
    }
}
