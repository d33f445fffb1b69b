import HostControl
import StationCore
import StationTestSupport
import SystemBus
import Testing

// One after the other: each has a bus and a program of its own.
@Suite("The templates of python-dbusmock", .serialized)
struct TemplateTests {
    private static let service = "org.freedesktop.NetworkManager"
    private static let root = "/org/freedesktop/NetworkManager"
    private static let wlan = root + "/Devices/wlan0"
    private static let mock = "org.freedesktop.DBus.Mock"

    /// NetworkManager with a Wi-Fi device that is in a network, and with another network in reach.
    private static func withNetworkManager(
        _ body: (HostFixture, MockTemplate) async throws -> Void
    ) async throws {
        try await HostFixture.run { host in
            try await MockTemplate.run("networkmanager", service: Self.service, on: host.bus) { mock in
                try await Self.furnish(mock)
                try await body(host, mock)
            }
        }
    }

    private static func furnish(_ mock: MockTemplate) async throws {
        try await mock.call(
            "/org/freedesktop", Self.mock, "AddEthernetDevice", [.string("eth0"), .string("eth0"), .int32(20)])
        try await mock.call(
            "/org/freedesktop", Self.mock, "AddWiFiDevice", [.string("wlan0"), .string("wlan0"), .int32(30)])
        try await Self.addPoint("ap1", "Home", strength: 60, mock)
        try await Self.addPoint("ap2", "Casa", strength: 90, mock)
        try await mock.call(
            "/org/freedesktop", Self.mock, "AddWiFiConnection",
            [.string(Self.wlan), .string("home"), .string("Home"), .string("wpa-psk")])
        try await mock.call(
            Self.root, Self.service, "ActivateConnection",
            [
                .objectPath(Self.root + "/Settings/home"), .objectPath(Self.wlan),
                .objectPath(Self.root + "/AccessPoint/ap1"),
            ])
    }

    private static func addPoint(_ name: String, _ ssid: String, strength: UInt8, _ mock: MockTemplate) async throws {
        try await mock.call(
            "/org/freedesktop", Self.mock, "AddAccessPoint",
            [
                .string(Self.wlan), .string(name), .string(ssid), .string("00:23:F8:7E:12:0\(name.count)"),
                .uint32(2), .uint32(2437), .uint32(5400), .byte(strength), .uint32(0x100),
            ])
    }

    @Test("for NetworkManager is read as the state of the network")
    func state() async throws {
        try await Self.withNetworkManager { host, _ in
            let control = host.network()
            let state = try await host.result { () async throws(HostFault) in try await control.state() }.get()
            #expect(state.connectivity == .full)
            #expect(state.devices.map(\.interface) == ["eth0", "wlan0"])
            #expect(state.devices.map(\.state) == [.unavailable, .connected])
            #expect(state.wifi.network?.shownSSID == "Home")
            #expect(state.wifi.network?.security == .wpa)
        }
    }

    @Test("for NetworkManager scans, though it does not tell when it has")
    func scan() async throws {
        try await Self.withNetworkManager { host, _ in
            let control = host.network()
            let networks = try await host.result { () async throws(HostFault) in try await control.scan() }.get()
            #expect(networks.map(\.shownSSID) == ["Casa", "Home"])
            #expect(networks.map(\.isJoined) == [false, true])
        }
    }

    @Test("for NetworkManager gives no address, so that a join is undone")
    func join() async throws {
        try await Self.withNetworkManager { host, mock in
            let control = host.network()
            let wifi = WiFiCredentials(ssid: Array("Casa".utf8), password: Secret("correct horse"))
            let result = try await host.result { () async throws(HostFault) in try await control.join(wifi) }
            guard case .notJoined(let failure) = NetworkFixture.fault(result) else {
                Issue.record("\(result)")
                return
            }
            #expect(failure.reason == .noAddress)
            let paths = try await mock.call(
                Self.root + "/Settings", Self.service + ".Settings", "ListConnections")
            #expect(paths.first?.array?.compactMap(\.objectPath) == [Self.root + "/Settings/home"])
        }
    }

    @Test("for logind restarts, or does not")
    func logind() async throws {
        try await HostFixture.run { host in
            let system = SystemControl(
                bus: host.hostBus, dataDirectory: "/", clock: host.clock, logger: host.log.logger)
            let service = "org.freedesktop.login1"
            try await MockTemplate.run("logind", service: service, on: host.bus) { _ in
                let result = try await host.result { () async throws(HostFault) in try await system.reboot() }
                #expect(NetworkFixture.fault(result) == nil)
            }
            let parameters = #"{"CanReboot": "challenge"}"#
            try await MockTemplate.run("logind", service: service, on: host.bus, parameters: parameters) { _ in
                let result = try await host.result { () async throws(HostFault) in try await system.reboot() }
                guard case .refused(.logind, _) = NetworkFixture.fault(result) else {
                    Issue.record("\(result)")
                    return
                }
            }
        }
    }
}
