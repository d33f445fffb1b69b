import HostControl
import StationCore
import StationTestSupport
import Testing

// One after the other: each has a bus and a program of its own.
@Suite("A scan", .serialized)
struct WiFiScanTests {
    typealias Fixture = NetworkFixture

    @Test("tells each name once, the strongest first, with what is known of it")
    func scan() async throws {
        let air: JSONValue = [
            ["ssid": "Home", "strength": 40], ["ssid": "Casa", "strength": 30, "frequency": 5180],
            ["ssid": "Casa", "strength": 80], ["ssid": "Cafe", "strength": 60, "security": "open"],
            ["ssid": "Hidden", "hidden": true], ["hex": "ff00fe", "strength": 10, "security": "wpa3"],
        ]
        try await Fixture.run(["profiles": [Fixture.home], "up": "Home", "air": air]) { fixture in
            let networks = try await fixture.scan().get()
            #expect(networks.map(\.shownSSID) == ["Casa", "Cafe", "Home", "\u{FFFD}\0\u{FFFD}"])
            #expect(networks.map(\.signal) == [80, 60, 40, 10])
            #expect(networks.map(\.frequency) == [2437, 2437, 2437, 2437])
            #expect(networks.map(\.security) == [.wpa, .open, .wpa, .wpa3])
            #expect(networks.map(\.isJoined) == [false, false, true, false])
            #expect(networks.map(\.isKnown) == [false, false, true, false])
            #expect(networks.last?.ssid == [0xFF, 0, 0xFE])
        }
    }

    @Test(
        "reads how a network is protected",
        arguments: [
            ("open", WiFiSecurity.open), ("owe", .open), ("wep", .wep), ("wpa", .wpa), ("wpa3", .wpa3),
            ("mixed", .wpa3), ("enterprise", .enterprise),
        ])
    func security(name: String, expected: WiFiSecurity) async throws {
        try await Fixture.run(["air": [["ssid": "Casa", "security": .string(name)]]]) { fixture in
            let networks = try await fixture.scan().get()
            #expect(networks.map(\.security) == [expected])
        }
    }

    @Test("is bounded, and never leaves out the network that the station is in")
    func bound() async throws {
        let crowd = (0..<100).map { JSONValue.object(["ssid": .string("Net \($0)"), "strength": 90]) }
        let air = JSONValue.array(crowd + [["ssid": "Home", "strength": 5]])
        try await Fixture.run(["profiles": [Fixture.home], "up": "Home", "air": air]) { fixture in
            let networks = try await fixture.scan().get()
            #expect(networks.count == HostLimits.networks)
            #expect(networks.last?.shownSSID == "Home")
        }
    }

    @Test("waits until NetworkManager has scanned, not longer than its limit")
    func limit() async throws {
        try await Fixture.run(["heard": [["ssid": "Old"]], "air": [["ssid": "New"]]]) { fixture in
            #expect(try await fixture.scan().get().map(\.shownSSID) == ["New"])
            // It never ends: what is known is told.
            try await fixture.manager.tell(["scan_time": 600_000, "air": [["ssid": "Newer"]]])
            let begin = fixture.host.clock.now
            #expect(try await fixture.scan().get().map(\.shownSSID) == ["New"])
            let time = begin.duration(to: fixture.host.clock.now)
            #expect(time >= HostLimits.scanTime && time < .seconds(40))
        }
    }

    @Test("that NetworkManager does not allow again so soon tells what is known")
    func notAllowed() async throws {
        try await Fixture.run { fixture in
            let name = "org.freedesktop.NetworkManager.Device.NotAllowed"
            try await fixture.manager.tell([
                "fail": ["RequestScan": [[.string(name), "Scanning not allowed immediately following previous scan"]]]
            ])
            let begin = fixture.host.clock.now
            #expect(try await fixture.scan().get().count == 2)
            #expect(begin.duration(to: fixture.host.clock.now) < HostLimits.scanTime)
        }
    }

    @Test("ends when NetworkManager does")
    func gone() async throws {
        try await Fixture.run { fixture in
            try await fixture.manager.tell(["silent": ["RequestScan"]])
            let fault = Fixture.fault(try await fixture.scan())
            #expect(fault == .timedOut(.networkManager))
            try await fixture.manager.tell(["running": false])
            guard case .unavailable(.networkManager, _) = Fixture.fault(try await fixture.scan()) else {
                Issue.record("a scan without NetworkManager")
                return
            }
        }
    }
}
