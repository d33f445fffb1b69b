import StationCore
import StationData
import StationTestSupport
import Testing

@testable import BLEProvision

@Suite("Who is provisioned when")
struct ProvisioningQueueTests {
    typealias Fixture = ProvisionerFixture

    private static let both: [JSONValue] = [
        ["name": "SH_lamp"], ["name": "SH_desk", "address": "24:0A:C4:00:00:02"],
    ]

    @Test("connects one after the other, in order, and does not wait for the first to be online")
    func queue() async throws {
        try await Fixture.run(devices: Self.both) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.wait("both are there") { watch.candidates.contains("desk") }
            try await fixture.add("desk")
            try await fixture.add("lamp")
            try await fixture.waitUntilWritten(watch, "desk")
            try await fixture.waitUntilWritten(watch, "lamp")
            try await fixture.wait("both links have ended") { try await fixture.bluez.count("disconnect") == 2 }
            let calls = try await fixture.bluez.calls().filter { $0.contains("connect") }
            #expect(
                calls.prefix(4) == [
                    "connect-ok 24:0A:C4:00:00:02", "disconnect 24:0A:C4:00:00:02", "connect-ok 24:0A:C4:00:00:01",
                    "disconnect 24:0A:C4:00:00:01",
                ])
            try await fixture.shakeHands("lamp")
            try await fixture.shakeHands("desk")
            let lamp = try await fixture.result(watch, "lamp")
            let desk = try await fixture.result(watch, "desk")
            #expect(lamp.failure == nil)
            #expect(desk.failure == nil)
            watch.leave()
        }
    }

    @Test("refuses a device that is under way, or not in sight")
    func refusals() async throws {
        try await Fixture.run(devices: [["name": "SH_lamp", "connect": ["no-answer"]]]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            let again = try await fixture.refusal("lamp")
            let other = try await fixture.refusal("nobody")
            #expect("\(again.map { "\($0)" } ?? "")".hasPrefix("underWay"))
            #expect("\(other.map { "\($0)" } ?? "")".hasPrefix("notPresent"))
            watch.leave()
        }
    }

    @Test("refuses everything where there is no Bluetooth")
    func noBluetooth() async throws {
        try await Fixture.run(settings: ["running": false]) { fixture in
            let refusal = try await fixture.refusal("lamp")
            #expect("\(refusal.map { "\($0)" } ?? "")".hasPrefix("unavailable"))
            #expect(fixture.hub.devices().isEmpty)
        }
    }

    @Test("keeps a known device's row, name and token when the write fails for good")
    func known() async throws {
        let refusals: JSONValue = ["att:80"]
        try await Fixture.run(devices: [["name": "SH_lamp", "write": refusals]]) { fixture in
            let device = try await fixture.hub.addDevice(
                NewDevice(name: "Reading lamp", type: nil, externalID: ExternalID("lamp"))
            ).device
            let watch = try await fixture.watch(until: "lamp")
            let id = try await fixture.add()
            #expect(id == device.id)
            let result = try await fixture.result(watch)
            #expect(result.failure?.code == "refused")
            #expect(result.deviceID == device.id)
            #expect(fixture.hub.device(device.id)?.name == "Reading lamp")
            watch.leave()
        }
    }

    @Test("does not take an old handshake for the new device's")
    func earlyHandshake() async throws {
        try await Fixture.run(devices: [["name": "SH_lamp", "connect": ["no-answer"]]]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            try await fixture.wait("it is connecting") { try await fixture.bluez.count("connect-") == 1 }
            try await fixture.shakeHands()
            fixture.clock.advance(by: .seconds(15))
            try await fixture.waitUntilWritten(watch)
            #expect(watch.result("lamp") == nil)
            try await fixture.shakeHands()
            let result = try await fixture.result(watch)
            #expect(result.failure == nil)
            watch.leave()
        }
    }

    @Test("says of a device without a way to show itself that it has none")
    func identify() async throws {
        try await Fixture.run { fixture in
            let watch = try await fixture.watch(until: "lamp")
            let id = try #require(ExternalID("lamp"))
            let refusal = await Self.refusal(of: fixture.provisioner, id)
            #expect("\(refusal.map { "\($0)" } ?? "")".hasPrefix("cannotIdentify"))
            let connected = try await fixture.bluez.device()["connected"]?.boolValue
            #expect(connected == false)
            watch.leave()
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

    @Test("ends the connections that a killed agent has left, before anything else")
    func leftovers() async throws {
        let database = try StationDatabase.inMemory()
        let before = try await StationHub.open(database: database)
        try await before.rememberLink(Fixture.lamp)
        try await before.rememberLink("24:0A:C4:00:00:09")
        let lamp: JSONValue = ["name": "SH_lamp", "connected": true, "known": true]
        try await Fixture.run(devices: [lamp], database: database) { fixture in
            try await fixture.wait("it is on record no more") { try await fixture.hub.rememberedLinks().isEmpty }
            let calls = try await fixture.bluez.calls()
            #expect(calls.prefix(2) == ["disconnect \(Fixture.lamp)", "remove \(Fixture.lamp)"])
            let (result, watch) = try await fixture.provision()
            #expect(result.failure == nil)
            watch.leave()
        }
    }

    @Test("leaves nothing connected when it is stopped in the middle")
    func stopped() async throws {
        try await PrivateBus.run { bus in
            try await FakeBlueZProcess.run(on: bus, devices: [["name": "SH_lamp", "resolve": ["never"]]]) { bluez in
                let database = try StationDatabase.inMemory()
                try await Self.stopWhileResolving(bus, bluez, database)
                let lamp = try await bluez.device()
                #expect(lamp["connected"]?.boolValue == false)
                let hub = try await StationHub.open(database: database)
                #expect(hub.devices().isEmpty)
            }
        }
    }

    private static func stopWhileResolving(
        _ bus: PrivateBus, _ bluez: FakeBlueZProcess, _ database: StationDatabase
    ) async throws {
        let fixture = try await Fixture.start(bus, bluez, database)
        let watch = try await fixture.watch(until: "lamp")
        try await fixture.add()
        try await fixture.wait("it is connected") { watch.steps("lamp").last == .resolving }
        try await fixture.stop()
        #expect(watch.result("lamp")?.failure?.code == "stopped")
    }
}
