import HostControl
import StationCore
import StationTestSupport
import Testing

// One after the other: each has a bus and a program of its own.
@Suite("The state of the network", .serialized)
struct NetworkStateTests {
    typealias Fixture = NetworkFixture

    @Test("is what NetworkManager tells, without the devices that nobody knows")
    func state() async throws {
        try await Fixture.run { fixture in
            let state = try await fixture.state()
            #expect(state.connectivity == .full)
            #expect(state.primaryInterface == "eth0")
            #expect(state.gateway == "192.168.1.1")
            #expect(state.nameServers == ["192.168.1.1"])
            #expect(state.devices.map(\.interface) == ["eth0", "wlan0"])
            #expect(state.devices.map(\.kind) == [.ethernet, .wifi])
            #expect(state.devices.map(\.state) == [.connected, .connected])
            #expect(state.devices.map(\.connection) == ["Wired", "Home"])
            #expect(state.devices[0].addresses == ["192.168.1.20/24"])
            #expect(state.devices[1].hardwareAddress == "02:00:00:00:00:03")
            #expect(state.wifi.state == .connected)
            #expect(state.wifi.addresses == ["192.168.50.7/24", "fe80::7/64"])
            let network = try #require(state.wifi.network)
            #expect(network.ssid == Array("Home".utf8))
            #expect(network.isJoined && network.isKnown)
            #expect(network.signal == 70)
            #expect(network.frequency == 2437)
            #expect(network.security == .wpa)
        }
    }

    @Test("has the name of a network from its profile where no access point tells it")
    func profileName() async throws {
        try await Fixture.run(["profiles": [Fixture.home], "up": "Home"]) { fixture in
            let network = try #require(try await fixture.state().wifi.network)
            #expect(network.ssid == Array("Home".utf8))
            #expect(network.isJoined)
            #expect(network.security == .wpa)
        }
    }

    @Test("knows no Wi-Fi, one that is off, and one that is in no network")
    func wifi() async throws {
        try await Fixture.run(["devices": [["lo", 32, 100], ["eth0", 1, 100]]]) { fixture in
            let wifi = try await fixture.state().wifi
            #expect(wifi == WiFiStatus(state: .absent))
        }
        try await Fixture.run(["profiles": []]) { fixture in
            let before = try await fixture.state().wifi
            #expect(before == WiFiStatus(state: .disconnected, interface: "wlan0"))
            try await fixture.manager.tell(["radio": false])
            let after = try await fixture.state().wifi
            #expect(after == WiFiStatus(state: .blocked, interface: "wlan0"))
            try await Self.expect(.radioBlocked, fixture)
        }
        // NetworkManager leaves it alone.
        try await Fixture.run(["devices": [["lo", 32, 100], ["eth0", 1, 100], ["wlan0", 2, 10]]]) { fixture in
            #expect(try await fixture.state().wifi.state == .absent)
            try await Self.expect(.noWiFi, fixture)
        }
    }

    /// Neither scan nor join.
    private static func expect(_ expected: HostFault, _ fixture: Fixture) async throws {
        let scan = Fixture.fault(try await fixture.scan())
        #expect(scan == expected)
        let join = Fixture.fault(try await fixture.join("Casa"))
        #expect(join == expected)
    }

    @Test("cannot be told while NetworkManager is away, and can again when it is back")
    func absent() async throws {
        try await Fixture.run { fixture in
            _ = try await fixture.state()
            try await fixture.manager.tell(["running": false])
            let fault = try #require(try await fixture.stateFault())
            guard case .unavailable(.networkManager, _) = fault else {
                Issue.record("\(fault)")
                return
            }
            try await fixture.manager.tell(["running": true])
            #expect(try await fixture.state().wifi.state == .connected)
        }
    }

    @Test("cannot be told where there is no bus, and can once there is one")
    func noBus() async throws {
        try await HostFixture.run { host in
            let control = host.network()
            await host.bus.stop()
            let result = try await host.result { () async throws(HostFault) in try await control.state() }
            let fault = try #require(NetworkFixture.fault(result))
            guard case .unavailable(.networkManager, _) = fault else {
                Issue.record("\(fault)")
                return
            }
            try await host.bus.start()
            try await FakeServiceProcess.run(.networkManager, on: host.bus) { _ in
                let state = try await host.result { () async throws(HostFault) in try await control.state() }.get()
                #expect(state.devices.count == 2)
            }
        }
    }

    @Test("has a deadline")
    func silent() async throws {
        try await Fixture.run { fixture in
            try await fixture.manager.tell(["silent": ["GetAll"]])
            let begin = fixture.host.clock.now
            #expect(try await fixture.stateFault() == .timedOut(.networkManager))
            #expect(begin.duration(to: fixture.host.clock.now) >= .seconds(10))
        }
    }

    @Test("says so when NetworkManager does not let the agent")
    func refused() async throws {
        try await Fixture.run { fixture in
            let name = "org.freedesktop.DBus.Error.AccessDenied"
            try await fixture.manager.tell(["fail": ["GetAll": [[.string(name), "no"]]]])
            #expect(try await fixture.stateFault() == .refused(.networkManager, "\(name): no"))
            let permission = "org.freedesktop.NetworkManager.PermissionDenied"
            try await fixture.manager.tell(["fail": ["AddAndActivateConnection2": [[.string(permission), "no"]]]])
            let fault = Fixture.fault(try await fixture.join("Casa"))
            #expect(fault == .refused(.networkManager, "\(permission): no"))
        }
    }
}
