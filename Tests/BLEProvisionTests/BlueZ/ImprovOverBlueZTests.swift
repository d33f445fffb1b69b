import StationCore
import StationData
import StationTestSupport
import Testing

@testable import BLEProvision

/// An emulated Improv device behind the played BlueZ: its states, errors and results are notifications over the bus.
@Suite("Improv over BlueZ", .timeLimit(.minutes(2)))
struct ImprovOverBlueZTests {
    typealias Fixture = ProvisionerFixture

    /// The device has no id of its own: its address is.
    private static let id = "240ac4000001"
    private static let page = "http://192.168.178.54/mqtt?from=improv"

    private static func run(
        _ device: ImprovDevice, faults: JSONObject = [:], others: [JSONValue] = [],
        _ body: (Fixture, WatchRecorder) async throws -> Void
    ) async throws {
        var settings: JSONObject = ["name": "kitchen", "uuids": [.string(ImprovUUID.service.description)]]
        for member in faults.members { settings[member.key] = member.value }
        let played = try await DevicePlayer.settings(of: device, settings)
        try await Fixture.run(devices: [played] + others) { fixture in
            try await DevicePlayer.run(device, on: fixture.bluez) {
                let watch = try await fixture.watch(until: Self.id)
                try await body(fixture, watch)
                watch.leave()
            }
        }
    }

    private static func waitForSettings(_ device: ImprovDevice) async throws {
        try await eventually("it has the settings") { device.state.value.settings != nil }
    }

    /// Waits until the link is over, while time stands still: no deadline has had a part in it.
    private static func waitForEnd(_ fixture: Fixture) async throws {
        try await eventually("the link is over") {
            try await fixture.bluez.device()["connected"]?.boolValue == false
        }
    }

    private static func result(_ fixture: Fixture, _ watch: WatchRecorder) async throws -> WatchRecorder.Result {
        try await fixture.result(watch, Self.id)
    }

    @Test("A device joins the Wi-Fi, and is online when it comes to the broker")
    func joins() async throws {
        let device = ImprovDevice()
        try await Self.run(device) { fixture, watch in
            let id = try await fixture.add(Self.id)
            try await Self.waitForSettings(device)
            #expect(try await fixture.bluez.notifying().count == 3)
            device.join(telling: [Self.page])
            try await Self.waitForEnd(fixture)
            try await fixture.shakeHands(Self.id)
            let result = try await Self.result(fixture, watch)
            #expect(result.failure == nil)
            #expect(watch.steps(Self.id) == [.connecting, .resolving, .writing, .waitingForDevice, .online])
            #expect(device.state.value.settings == [Array("Casa".utf8), Array(Fixture.password.utf8)])
            #expect(fixture.hub.device(id)?.status == .online)
            #expect(try await fixture.bluez.notifying().isEmpty)
            let lines = fixture.log.lines.map { "\($0.message) \($0.metadata)" }.joined()
            #expect(!lines.contains(Fixture.password))
        }
    }

    @Test("A device that joins and does not come is told with its page, though that is longer than a notification")
    func page() async throws {
        let device = ImprovDevice()
        try await Self.run(device) { fixture, watch in
            let id = try await fixture.add(Self.id)
            try await Self.waitForSettings(device)
            device.join(telling: [Self.page])
            try await Self.waitForEnd(fixture)
            try await fixture.wait("the result", step: .seconds(1)) { watch.result(Self.id) != nil }
            let result = try await Self.result(fixture, watch)
            #expect(result.failure?.code == "device_did_not_appear")
            #expect(result.failure?.message.contains(Self.page) == true)
            #expect(result.deviceID == id)
        }
    }

    @Test("Wrong credentials are told at once, the row goes, and others may be tried")
    func wrongCredentials() async throws {
        let device = ImprovDevice()
        try await Self.run(device) { fixture, watch in
            let id = try await fixture.add(Self.id)
            try await Self.waitForSettings(device)
            device.failToJoin()
            try await eventually("the result") { watch.result(Self.id) != nil }
            let result = try await Self.result(fixture, watch)
            #expect(result.failure?.code == "wifi_not_joined")
            #expect(result.deviceID == nil && fixture.hub.device(id) == nil)
            #expect(try await fixture.bluez.count("connect-") == 1)
            device.state.withLock { $0.settings = nil }
            try await Self.addAgain(device, fixture)
        }
    }

    private static func addAgain(_ device: ImprovDevice, _ fixture: Fixture) async throws {
        let watch = try await fixture.watch(until: Self.id)
        try await fixture.add(Self.id)
        try await Self.waitForSettings(device)
        device.join(telling: [])
        try await fixture.shakeHands(Self.id)
        let result = try await Self.result(fixture, watch)
        #expect(result.failure == nil)
        watch.leave()
    }

    @Test("A button is waited for, and those in sight stay in sight meanwhile")
    func button() async throws {
        let device = ImprovDevice(state: 1)
        let other: JSONValue = ["name": "SH_lamp", "address": "24:0A:C4:00:00:02"]
        try await Self.run(device, others: [other]) { fixture, watch in
            try await fixture.wait("the lamp is there") { watch.candidates.contains("lamp") }
            try await fixture.add(Self.id)
            try await eventually("it was asked for its state") { device.state.value.looks > 0 }
            let begin = fixture.clock.now
            try await fixture.wait("nobody has come for long", step: .milliseconds(100)) {
                begin.duration(to: fixture.clock.now) >= .seconds(40)
            }
            #expect(device.state.value.settings == nil)
            device.press()
            try await Self.waitForSettings(device)
            device.join(telling: [])
            try await fixture.shakeHands(Self.id)
            let result = try await Self.result(fixture, watch)
            #expect(result.failure == nil)
            #expect(watch.lossCount("lamp") == 0)
        }
    }

    @Test("A link that goes while the device tries is decided by its handshake")
    func linkGoes() async throws {
        let device = ImprovDevice()
        try await Self.run(device) { fixture, watch in
            try await fixture.add(Self.id)
            try await Self.waitForSettings(device)
            device.drop()
            try await Self.waitForEnd(fixture)
            try await fixture.shakeHands(Self.id)
            let result = try await Self.result(fixture, watch)
            #expect(result.failure == nil)
            #expect(try await fixture.bluez.count("connect-") == 1)
        }
    }

    @Test(
        "Notifications that cannot be begun are begun over a new connection",
        arguments: ["error:NotPermitted:Not permitted", "drop", "deaf"])
    func notificationsFail(fault: String) async throws {
        let device = ImprovDevice()
        try await Self.run(device, faults: ["notify": [.string(fault)]]) { fixture, watch in
            try await fixture.add(Self.id)
            try await fixture.wait("it has the settings") { device.state.value.settings != nil }
            #expect(try await fixture.bluez.count("connect-") == 2)
            device.join(telling: [])
            try await fixture.shakeHands(Self.id)
            let result = try await Self.result(fixture, watch)
            #expect(result.failure == nil)
        }
    }

    @Test("A device shows itself where it can, and is not connected afterwards")
    func identify() async throws {
        let device = ImprovDevice()
        try await Self.run(device) { fixture, _ in
            let id = try #require(ExternalID(Self.id))
            try await fixture.provisioner.identify(id)
            #expect(device.state.value.identified == 1)
            #expect(try await fixture.bluez.device()["connected"]?.boolValue == false)
            #expect(fixture.hub.devices().isEmpty)
            device.state.withLock { $0.capabilities = 0 }
            let refusal = await Self.refusal(of: fixture.provisioner, id)
            #expect("\(refusal.map { "\($0)" } ?? "")".hasPrefix("cannotIdentify"))
            #expect(device.state.value.identified == 1)
        }
    }

    private static func refusal(of provisioner: Provisioner, _ id: ExternalID) async -> ProvisioningRefusal? {
        do throws(ProvisioningRefusal) {
            try await provisioner.identify(id)
            return nil
        } catch {
            return error
        }
    }
}
