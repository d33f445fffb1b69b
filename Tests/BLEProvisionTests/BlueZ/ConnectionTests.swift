import StationCore
import StationData
import StationTestSupport
import Testing

@testable import BLEProvision

/// Every row of contract 5, "What BlueZ really does", that is about a connection.
@Suite("Provisioning over BlueZ")
struct ConnectionTests {
    typealias Fixture = ProvisionerFixture

    private static func lamp(_ faults: JSONObject = [:]) -> JSONValue {
        var settings: JSONObject = ["name": "SH_lamp"]
        for member in faults.members { settings[member.key] = member.value }
        return .object(settings)
    }

    @Test("hands a device all that it needs, and tells every step")
    func straight() async throws {
        try await Fixture.run { fixture in
            let (result, watch) = try await fixture.provision()
            #expect(result.failure == nil)
            #expect(watch.steps("lamp") == [.connecting, .resolving, .writing, .waitingForDevice, .online])
            let stored = try await fixture.bluez.stored()
            let message = try JSONValue.parse(stored.first ?? "")
            #expect(stored.count == 1)
            #expect(message["ssid"] == "Casa")
            #expect(message["password"] == .string(Fixture.password))
            #expect(message["mqtt_host"] == "pi.local")
            #expect(message["mqtt_port"] == 1883)
            #expect(message["device_id"] == "lamp")
            #expect(message["station_id"] == "station-1")
            #expect((message["device_token"]?.stringValue ?? "").count >= 43)
            let id = try #require(result.deviceID)
            #expect(fixture.hub.device(id)?.status == .online)
            #expect(fixture.quiet.value == [true, false])
            let links = try await fixture.hub.rememberedLinks()
            #expect(links.isEmpty)
            let calls = try await fixture.bluez.calls()
            #expect(calls.contains("write-ok request"))
            let lines = fixture.log.lines.map { "\($0.message) \($0.metadata)" }.joined()
            #expect(!lines.contains(Fixture.password))
            #expect(!lines.contains(message["device_token"]?.stringValue ?? "correct"))
            watch.leave()
        }
    }

    @Test("pauses discovery for the connection and resumes it")
    func pause() async throws {
        try await Fixture.run { fixture in
            let (_, watch) = try await fixture.provision()
            let calls = try await fixture.bluez.calls().filter { call in
                ["start", "stop", "connect", "disconnect"].contains { call.hasPrefix($0) }
            }
            #expect(calls.map { $0.prefix(7) } == ["start", "stop", "connect", "disconn", "start"])
            watch.leave()
        }
    }

    @Test(
        "goes on after a failed attempt to connect",
        arguments: [
            ["abort", "abort", "abort"], ["fail"], ["br"], ["drop"], ["busy", "busy", "busy", "busy", "busy", "busy"],
        ])
    func connectFails(faults: [String]) async throws {
        let list = JSONValue.array(faults.map { .string($0) })
        try await Fixture.run(devices: [Self.lamp(["connect": list])]) { fixture in
            let (result, watch) = try await fixture.provision()
            #expect(result.failure == nil)
            let connects = try await fixture.bluez.count("connect-")
            #expect(connects == faults.count + 1)
            let removals = try await fixture.bluez.calls().filter { $0.hasPrefix("remove") }
            // One for the second abort, or for the wrong bearer; one after the success.
            #expect(removals.count == (["abort", "br"].contains(faults[0]) ? 2 : 1))
            watch.leave()
        }
    }

    @Test("gives up after four tries, and the row goes again")
    func connectFailsForGood() async throws {
        let aborts: JSONValue = ["abort", "abort", "abort", "abort", "abort"]
        try await Fixture.run(devices: [Self.lamp(["connect": aborts])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            let id = try await fixture.add()
            #expect(fixture.hub.device(id)?.status == .provisioning)
            let result = try await fixture.result(watch)
            #expect(result.failure?.code == "connection_failed")
            #expect(result.failure?.detail?.contains("le-connection-abort-by-local") == true)
            #expect(result.deviceID == nil)
            #expect(fixture.hub.device(id) == nil)
            let connects = try await fixture.bluez.count("connect-")
            #expect(connects == 4)
            watch.leave()
        }
    }

    @Test("ends an attempt without an answer after 15 seconds", arguments: ["silent", "no-answer"])
    func connectSilent(fault: String) async throws {
        try await Fixture.run(devices: [Self.lamp(["connect": [.string(fault)]])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            try await fixture.pass(.seconds(15), after: "connect-\(fault)")
            try await fixture.waitUntilWritten(watch)
            let calls = try await fixture.bluez.calls()
            let index = try #require(calls.firstIndex { $0.hasPrefix("connect-") })
            #expect(calls.dropFirst(index + 1).first?.hasPrefix("disconnect") == true)
            try await fixture.shakeHands()
            let result = try await fixture.result(watch)
            #expect(result.failure == nil)
            watch.leave()
        }
    }

    @Test("connects again when services do not come, or only without the needed one", arguments: ["never", "missing"])
    func resolving(fault: String) async throws {
        try await Fixture.run(devices: [Self.lamp(["resolve": [.string(fault)]])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            try await fixture.wait("it is resolving") { watch.steps("lamp").last == .resolving }
            try await fixture.wait("15 seconds are over", step: .milliseconds(100)) {
                try await fixture.bluez.count("connect-") == 2
            }
            try await fixture.waitUntilWritten(watch)
            try await fixture.shakeHands()
            let result = try await fixture.result(watch)
            #expect(result.failure == nil)
            watch.leave()
        }
    }

    @Test("waits for characteristics that come after the flag, and connects again when the link drops before")
    func late() async throws {
        try await Fixture.run(devices: [Self.lamp(["resolve": ["drop", "late"]])]) { fixture in
            let (result, watch) = try await fixture.provision()
            #expect(result.failure == nil)
            let connects = try await fixture.bluez.count("connect-")
            #expect(connects == 2)
            watch.leave()
        }
    }

    @Test("takes an answered write for success, even if the link goes first", arguments: ["answer-drop", "drop-first"])
    func answered(fault: String) async throws {
        let lamp = Self.lamp(["write": [.string(fault)], "stays_after_write": false])
        try await Fixture.run(devices: [lamp]) { fixture in
            let (result, watch) = try await fixture.provision()
            #expect(result.failure == nil)
            let stored = try await fixture.bluez.stored()
            #expect(stored.count == 1)
            watch.leave()
        }
    }

    @Test("waits for the handshake after an unlikely error, and needs no second write when it comes")
    func unlikelyAndStored() async throws {
        try await Fixture.run(devices: [Self.lamp(["write": ["lost"], "stays_after_write": false])]) { fixture in
            let (result, watch) = try await fixture.provision()
            #expect(result.failure == nil)
            let writes = try await fixture.bluez.count("write-")
            #expect(writes == 1)
            watch.leave()
        }
    }

    @Test("writes again after an unlikely error when no handshake comes", arguments: ["drop", "deaf"])
    func unlikelyAndNotStored(fault: String) async throws {
        try await Fixture.run(devices: [Self.lamp(["write": [.string(fault)]])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            try await fixture.wait("it is written a second time", step: .milliseconds(100)) {
                try await fixture.bluez.count("write-") == 2
            }
            try await fixture.waitUntilWritten(watch)
            try await fixture.shakeHands()
            let result = try await fixture.result(watch)
            #expect(result.failure == nil)
            let stored = try await fixture.bluez.stored()
            #expect(stored.count == 1)
            watch.leave()
        }
    }

    @Test("writes again as soon as the device is heard anew, and not before it had the time to restart")
    func unlikelyAndHeardAnew() async throws {
        try await Fixture.run(devices: [Self.lamp(["write": ["drop"]])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            try await eventually("the first write") { try await fixture.bluez.count("write-drop") == 1 }
            let begun = fixture.clock.now
            try await fixture.wait("the second write") { try await fixture.bluez.count("write-ok") == 1 }
            let pause = begun.duration(to: fixture.clock.now)
            #expect(pause >= ProvisioningRun.restartTime)
            #expect(pause < fixture.provisioner.configuration.doubtTimeout)
            watch.leave()
        }
    }

    @Test("tells what was written before the link has ended, which takes BlueZ 2 seconds")
    func toldAtOnce() async throws {
        try await Fixture.run(devices: [Self.lamp(["held": true])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            // The clock stands still: nothing that waits for Disconnect goes on.
            try await eventually("it is waited for") { watch.steps("lamp").last == .waitingForDevice }
            try await eventually("Disconnect was called") { try await fixture.bluez.count("disconnect") == 1 }
            #expect(try await fixture.bluez.device()["connected"] == true)
            watch.leave()
        }
    }

    @Test("keeps the row of a device that may have taken its settings and is not heard any more")
    func doubtful() async throws {
        try await Fixture.run(devices: [Self.lamp(["write": ["lost"], "stays_after_write": false])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            let id = try await fixture.add()
            try await fixture.wait("the result", step: .milliseconds(200)) { watch.result("lamp") != nil }
            let result = try #require(watch.result("lamp"))
            #expect(result.failure?.code == "device_did_not_appear")
            #expect(result.deviceID == id)
            #expect(fixture.hub.device(id)?.status == .offline)
            watch.leave()
        }
    }

    @Test("gives a write that is never answered 35 seconds")
    func silentWrite() async throws {
        try await Fixture.run(devices: [Self.lamp(["write": ["silent"]])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            try await fixture.pass(.seconds(36), after: "write-silent")
            try await fixture.wait("it is written again") { try await fixture.bluez.count("write-ok") == 1 }
            try await fixture.waitUntilWritten(watch)
            try await fixture.shakeHands()
            let result = try await fixture.result(watch)
            #expect(result.failure == nil)
            watch.leave()
        }
    }

    @Test(
        "says what the device refused, the raw words in the detail",
        arguments: [
            ("att:80", "refused", "ATT error: 0x80"), ("att:0d", "too_long", "ATT error: 0x0d"),
            ("error:NotPermitted:Write not permitted", "not_offered", "Write not permitted"),
            ("error:NotAuthorized:Operation Not Authorized", "not_allowed", "Operation Not Authorized"),
        ])
    func refused(fault: String, code: String, detail: String) async throws {
        let four = JSONValue.array(Array(repeating: .string(fault), count: 4))
        try await Fixture.run(devices: [Self.lamp(["write": four])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            let id = try await fixture.add()
            let result = try await fixture.result(watch)
            #expect(result.failure?.code == code)
            #expect(result.failure?.detail?.contains(detail) == true)
            #expect(result.failure?.message.contains("org.bluez") == false)
            #expect(fixture.hub.device(id) == nil)
            watch.leave()
        }
    }

    @Test("starts anew, once, when bluetoothd goes away in the middle")
    func daemonGoes() async throws {
        try await Fixture.run(devices: [Self.lamp(["resolve": ["never"]])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            try await fixture.wait("it is connected") { watch.steps("lamp").last == .resolving }
            try await fixture.bluez.tell(["do": "bluetoothd", "running": false])
            try await fixture.wait("that is noticed") { watch.adapters.last == .noBluetoothd }
            try await fixture.bluez.tell(["do": "bluetoothd", "running": true])
            try await fixture.waitUntilWritten(watch)
            try await fixture.shakeHands()
            let result = try await fixture.result(watch)
            #expect(result.failure == nil)
            watch.leave()
        }
    }

    @Test("starts anew when the adapter is unplugged in the middle, and goes on over another one")
    func adapterGoes() async throws {
        try await Fixture.run(devices: [Self.lamp(["resolve": ["never"]])]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.add()
            try await fixture.wait("it is connected") { watch.steps("lamp").last == .resolving }
            try await fixture.bluez.tell(["do": "adapter", "present": false])
            try await fixture.wait("that is noticed") { watch.adapters.last == .absent }
            try await fixture.bluez.tell(["do": "adapter", "index": 2, "present": true])
            try await fixture.waitUntilWritten(watch)
            try await fixture.shakeHands()
            let result = try await fixture.result(watch)
            #expect(result.failure == nil)
            watch.leave()
        }
    }

    @Test("marks a device that took its settings and did not come within 90 seconds")
    func noHandshake() async throws {
        try await Fixture.run { fixture in
            let watch = try await fixture.watch(until: "lamp")
            let id = try await fixture.add()
            try await fixture.waitUntilWritten(watch)
            try await fixture.wait("the result", step: .seconds(1)) { watch.result("lamp") != nil }
            let result = try #require(watch.result("lamp"))
            #expect(result.failure == .deviceDidNotAppear)
            #expect(result.deviceID == id)
            #expect(fixture.hub.device(id)?.status == .offline)
            watch.leave()
        }
    }
}
