import StationCore
import StationData
import StationTestSupport
import Testing

@testable import BLEProvision

/// An emulated ESP32 with ESP-IDF's provisioning behind the played BlueZ: its endpoints are characteristics on the bus.
@Suite("Espressif's provisioning over BlueZ", .timeLimit(.minutes(3)))
struct EspressifOverBlueZTests {
    typealias Fixture = ProvisionerFixture

    private static let id = "1A2B3C"
    private static let proof = "abcd1234"
    private static let versions = [
        #"{"prov":{"ver":"v1.1","sec_ver":0,"cap":["no_sec"]}}"#,
        #"{"prov":{"ver":"v1.1","sec_ver":1,"cap":["wifi_scan"]}}"#,
        #"{"prov":{"ver":"v1.1","sec_ver":2,"sec_patch_ver":1,"cap":["wifi_scan"]}}"#,
    ]

    private static func device(
        _ security: Int, naming: EspressifDevice.Naming = .described
    ) -> EspressifDevice {
        let protection: any EspressifProtection =
            switch security {
            case 0: OpenProtection()
            case 1: KeyProtection(proof: Self.proof)
            default: PasswordProtection(isCounting: true)
            }
        return EspressifDevice(Self.versions[security], protection, naming: naming)
    }

    private static func run(
        _ device: EspressifDevice, _ body: (Fixture, WatchRecorder) async throws -> Void
    ) async throws {
        let service = GATTUUID(short: 0xFFFF).description
        let played = try await DevicePlayer.settings(
            of: device, ["name": .string("PROV_\(Self.id)"), "uuids": [.string(service)]])
        try await Fixture.run(devices: [played]) { fixture in
            try await DevicePlayer.run(device, on: fixture.bluez) {
                let watch = try await fixture.watch(until: Self.id)
                try await body(fixture, watch)
                watch.leave()
            }
        }
    }

    /// Adds the device, has it shake hands once it has joined, and gives the result.
    private static func provision(
        _ device: EspressifDevice, _ fixture: Fixture, proof: String?
    ) async throws -> WatchRecorder.Result {
        let watch = try await fixture.watch(until: Self.id)
        try await fixture.add(Self.id, proof: proof)
        // In small steps: big numbers take their time, and the link's deadlines go by the clock.
        try await fixture.wait("it tries", step: .milliseconds(1)) { device.state.value.isApplied }
        try await fixture.shakeHands(Self.id)
        let result = try await fixture.result(watch, Self.id)
        watch.leave()
        return result
    }

    @Test("A device joins, whatever its security, and is online when it comes to the broker", arguments: 0...2)
    func joins(_ security: Int) async throws {
        let device = Self.device(security)
        try await Self.run(device) { fixture, watch in
            let proof = security == 0 ? nil : Self.proof
            let result = try await Self.provision(device, fixture, proof: proof)
            #expect(result.failure == nil)
            #expect(watch.steps(Self.id) == [.connecting, .resolving, .writing, .waitingForDevice, .online])
            let wifi = try #require(device.state.value.wifi)
            #expect(wifi.bytes(1) == Array("Casa".utf8) && wifi.bytes(2) == Array(Fixture.password.utf8))
            let lines = fixture.log.lines.map { "\($0.message) \($0.metadata)" }.joined()
            #expect(!lines.contains(Fixture.password) && !lines.contains(Self.proof))
        }
    }

    @Test("Endpoints without a description are known by their UUIDs")
    func shortUUIDs() async throws {
        let device = Self.device(1, naming: .short)
        try await Self.run(device) { fixture, _ in
            let result = try await Self.provision(device, fixture, proof: Self.proof)
            #expect(result.failure == nil)
        }
    }

    @Test("A wrong password is told at once, the device is reset, and takes another one", arguments: 0...2)
    func wrongPassword(_ security: Int) async throws {
        let device = Self.device(security)
        device.state.withLock { $0.attempts = [.wrongPassword] }
        try await Self.run(device) { fixture, watch in
            let proof = security == 0 ? nil : Self.proof
            let id = try await fixture.add(Self.id, proof: proof)
            try await fixture.wait("the result", step: .milliseconds(1)) { watch.result(Self.id) != nil }
            let result = try await fixture.result(watch, Self.id)
            #expect(result.failure?.code == "wifi_password_wrong")
            #expect(result.deviceID == nil && fixture.hub.device(id) == nil)
            #expect(device.state.value.resets == 1)
            #expect(try await fixture.bluez.count("connect-") == 1)
            device.state.withLock { $0.attempts = [.connected] }
            let second = try await Self.provision(device, fixture, proof: proof)
            #expect(second.failure == nil)
        }
    }

    @Test("A device that drops the link over the credentials is connected again")
    func hangsUp() async throws {
        let device = Self.device(1)
        device.state.withLock { $0.dropsAt = .config }
        try await Self.run(device) { fixture, watch in
            try await fixture.add(Self.id, proof: Self.proof)
            try await eventually("it hangs up") { device.state.value.isGone }
            device.state.withLock { state in
                state.isGone = false
                state.dropsAt = nil
            }
            try await fixture.wait("it tries") { device.state.value.isApplied }
            try await fixture.shakeHands(Self.id)
            let result = try await fixture.result(watch, Self.id)
            #expect(result.failure == nil)
            #expect(try await fixture.bluez.count("connect-") == 2)
        }
    }

    @Test("A wrong proof of possession is told, once, and no credentials are sent")
    func wrongProof() async throws {
        let device = Self.device(1)
        try await Self.run(device) { fixture, watch in
            let id = try await fixture.add(Self.id, proof: "abcd1235")
            try await eventually("the result") { watch.result(Self.id) != nil }
            let result = try await fixture.result(watch, Self.id)
            #expect(result.failure?.code == "proof_wrong")
            #expect(fixture.hub.device(id) == nil && device.state.value.wifi == nil)
            #expect(try await fixture.bluez.count("connect-") == 1)
        }
    }
}
