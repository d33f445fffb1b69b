import StationCore
import StationData
import StationTestSupport
import Testing

@testable import BLEProvision

@Suite("Scanning")
struct ScanTests {
    typealias Fixture = ProvisionerFixture

    @Test("goes on while somebody watches, and candidates are forgotten when the last one leaves")
    func lifeCycle() async throws {
        try await Fixture.run { fixture in
            try await fixture.wait("the adapter is ready") { fixture.provisioner.adapter == .ready }
            let before = try await fixture.bluez.count("start")
            #expect(before == 0)
            let first = try await fixture.watch(until: "lamp")
            let second = try await fixture.watch(until: "lamp")
            #expect(second.events.first == .adapter(.ready))
            first.leave()
            try await fixture.wait("the second one is told on") { second.events.count > 5 }
            let while1 = try await fixture.bluez.discoverers()
            #expect(while1 == 1)
            second.leave()
            try await fixture.wait("discovery is off") { try await fixture.bluez.discoverers() == 0 }
            #expect(fixture.provisioner.candidates.isEmpty)
            let third = try await fixture.watch(until: "lamp")
            third.leave()
        }
    }

    @Test("is for LE and the known services", arguments: [false, true])
    func filter(scansAll: Bool) async throws {
        try await Fixture.run {
            $0.scansAll = scansAll
        } _: { fixture in
            let watch = try await fixture.watch(until: "lamp")
            let filters = try await fixture.bluez.calls().filter { $0.hasPrefix("filter") }
            #expect(filters.first?.contains("\"Transport\": \"le\"") == true)
            #expect(filters.first?.contains("12c158d5-220f-4be9-b46a-a235f44c412a") == !scansAll)
            #expect(filters.first?.contains("00467768-6228-2272-4663-277478268000") == !scansAll)
            watch.leave()
        }
    }

    @Test("shows nameless devices only if it is told to", arguments: [false, true])
    func nameless(allows: Bool) async throws {
        try await Fixture.run(devices: [["name": "SH_lamp"], ["name": "", "address": "24:0A:C4:00:00:02"]]) {
            $0.allowsNameless = allows
        } _: { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.wait("BlueZ has both") {
                try await fixture.bluez.device("24:0A:C4:00:00:02")["known"]?.boolValue == true
            }
            if allows {
                try await fixture.wait("it is shown") { watch.candidates.contains("240ac4000002") }
            } else {
                try await fixture.wait("time has passed") { watch.events.count > 8 }
                #expect(watch.candidates == ["lamp"])
            }
            watch.leave()
        }
    }

    @Test("withdraws a device that is not heard for 30 seconds, and shows it again")
    func withdrawal() async throws {
        try await Fixture.run { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.bluez.tell(["do": "set", "advertises": false])
            try await eventually("a second passes") { fixture.clock.sleeperCount > 0 }
            let begin = fixture.clock.now
            try await fixture.wait("it is lost", step: .milliseconds(100)) { watch.lossCount("lamp") == 1 }
            #expect(begin.duration(to: fixture.clock.now) > .seconds(28))
            try await fixture.bluez.tell(["do": "set", "advertises": true])
            try await fixture.wait("it is back") { watch.candidates == ["lamp"] }
            watch.leave()
        }
    }

    @Test("waits while BlueZ is busy, and takes an error in stopping for stopped")
    func busy() async throws {
        try await Fixture.run { fixture in
            try await fixture.bluez.tell([
                "do": "adapter",
                "start_errors": [["InProgress", "Operation already in progress"], ["InProgress", "again"]],
                "stop_errors": [
                    ["Failed", "No discovery started"], ["Failed", "no"], ["NotReady", "Resource Not Ready"],
                ],
            ])
            let watch = try await fixture.watch(until: "lamp")
            let starts = try await fixture.bluez.count("start")
            #expect(starts == 3)
            watch.leave()
            try await fixture.wait("discovery was stopped") { try await fixture.bluez.count("stop") >= 3 }
            let again = try await fixture.watch(until: "lamp")
            again.leave()
        }
    }

    @Test("goes on over an adapter that is switched off, unplugged and back under another name")
    func adapter() async throws {
        try await Fixture.run { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.bluez.tell(["do": "adapter", "powered": false])
            try await fixture.wait("it is off") { watch.adapters.last == .poweredOff }
            try await fixture.wait("nobody is in sight") { watch.candidates.isEmpty }
            let refusal = try await fixture.refusal("lamp")
            #expect("\(refusal.map { "\($0)" } ?? "")".contains("poweredOff"))
            #expect(fixture.health[.ble]?.status == .degraded)
            try await fixture.bluez.tell(["do": "adapter", "powered": true])
            try await fixture.wait("it is back on") { watch.candidates == ["lamp"] }
            try await fixture.bluez.tell(["do": "adapter", "present": false])
            try await fixture.wait("it is unplugged") { watch.adapters.last == .absent }
            try await fixture.bluez.tell(["do": "adapter", "index": 2, "present": true])
            try await fixture.wait("it is hci2") { watch.candidates == ["lamp"] }
            #expect(fixture.health[.ble]?.status == .ok)
            watch.leave()
        }
    }

    @Test("goes on over restarts of bluetoothd")
    func restarts() async throws {
        try await Fixture.run(settings: ["running": false]) { fixture in
            let watch = fixture.watch()
            try await fixture.wait("there is none") { fixture.health[.ble]?.detail.contains("bluetoothd") == true }
            #expect(fixture.provisioner.adapter == .noBluetoothd)
            for _ in 0..<2 {
                try await fixture.bluez.tell(["do": "bluetoothd", "running": true])
                try await fixture.wait("it is there") { watch.candidates == ["lamp"] }
                try await fixture.bluez.tell(["do": "bluetoothd", "running": false])
                try await fixture.wait("it is gone") { watch.adapters.last == .noBluetoothd }
                try await fixture.wait("nobody is in sight") { watch.candidates.isEmpty }
            }
            watch.leave()
        }
    }

    @Test("removes devices that it brought into BlueZ's table and that are no candidates")
    func strangers() async throws {
        let fridge: JSONValue = ["name": "Fridge", "address": "C0:00:00:00:00:01", "uuids": []]
        let paired: JSONValue = ["name": "Mouse", "address": "C0:00:00:00:00:02", "uuids": [], "paired": true]
        let old: JSONValue = ["name": "TV", "address": "C0:00:00:00:00:03", "uuids": [], "known": true]
        try await Fixture.run(devices: [["name": "SH_lamp"], fridge, paired, old]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.wait("the mouse is known") {
                try await fixture.bluez.device("C0:00:00:00:00:02")["known"]?.boolValue == true
            }
            watch.leave()
            try await fixture.wait("the fridge is removed") {
                try await fixture.bluez.count("remove C0:00:00:00:00:01") == 1
            }
            let removals = try await fixture.bluez.calls().filter { $0.hasPrefix("remove") }
            #expect(removals == ["remove C0:00:00:00:00:01"])
        }
    }

    @Test("removes what is recognised and not shown: a device that is set up already")
    func provisioned() async throws {
        let data: JSONValue = ["00004677-0000-1000-8000-00805f9b34fb": "040000000000"]
        let done: JSONValue = [
            "name": "kitchen", "address": "C0:00:00:00:00:01", "uuids": ["00467768-6228-2272-4663-277478268000"],
            "service_data": data,
        ]
        try await Fixture.run(devices: [["name": "SH_lamp"], done]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.wait("it is known") {
                try await fixture.bluez.device("C0:00:00:00:00:01")["known"]?.boolValue == true
            }
            watch.leave()
            try await fixture.wait("it is removed") {
                try await fixture.bluez.count("remove C0:00:00:00:00:01") == 1
            }
            #expect(watch.candidates == ["lamp"])
        }
    }

    @Test("leaves another program's discovery alone, and is not disturbed by it")
    func foreign() async throws {
        try await Fixture.run { fixture in
            try await fixture.bluez.tell(["do": "adapter", "foreign": true])
            let (result, watch) = try await fixture.provision()
            #expect(result.failure == nil)
            try await fixture.wait("both have discovery on") { try await fixture.bluez.discoverers() == 2 }
            watch.leave()
            try await fixture.wait("ours is off") { try await fixture.bluez.discoverers() == 1 }
        }
    }

    @Test("shows a device close by among a hundred false ones that are faint")
    func flood() async throws {
        let count = ProvisioningCandidate.maximumCount
        try await Fixture.run(devices: Self.faint(count), settings: ["interval": 300]) { fixture in
            let watch = fixture.watch()
            try await fixture.wait("the list is full") { watch.candidates.count == count }
            try await fixture.bluez.tell(["do": "add", "name": "SH_lamp", "rssi": -50])
            try await fixture.wait("the lamp is shown") { watch.candidates.contains("lamp") }
            #expect(watch.candidates.count == count)
            watch.leave()
        }
    }

    private static func faint(_ count: Int) -> [JSONValue] {
        (0..<count).map { number in
            let address = "C0:00:00:00:01:" + String(number + 16, radix: 16).uppercased()
            return ["name": .string("SH_false\(number)"), "address": .string(address), "rssi": -85, "steady": true]
        }
    }

    @Test("has BlueZ forget a device with new firmware, so that it is heard anew")
    func reflashed() async throws {
        let data: JSONValue = ["12c158d5-220f-4be9-b46a-a235f44c412a": "6c69676874"]
        try await Fixture.run(devices: [["name": "SH_lamp", "service_data": data]]) { fixture in
            let watch = try await fixture.watch(until: "lamp")
            try await fixture.bluez.tell(["do": "set", "name": "SH_desk"])
            try await fixture.wait("it is removed") { try await fixture.bluez.count("remove") == 1 }
            try await fixture.wait("it is another") { watch.candidates == ["desk"] }
            watch.leave()
        }
    }

    @Test(
        "revives a scanner that is silently dead",
        arguments: [("discovery", "start"), ("power", "powered True"), ("daemon", "restart-unit bluetooth.service")])
    func dead(deafness: String, remedy: String) async throws {
        try await Fixture.run { fixture in
            let watch = try await fixture.watch(until: "lamp")
            let before = try await fixture.bluez.count(remedy)
            try await fixture.bluez.tell(["do": "adapter", "deaf": .string(deafness)])
            try await fixture.wait("the scanner was revived", step: .milliseconds(500)) {
                try await fixture.bluez.count(remedy) > before
            }
            try await fixture.wait("the lamp is heard again") { watch.candidates == ["lamp"] }
            #expect(!fixture.log.lines("the Bluetooth scanner hears nothing any more").isEmpty)
            watch.leave()
        }
    }

    @Test("goes on where polkit does not let it restart bluetoothd")
    func notAllowed() async throws {
        try await Fixture.run { fixture in
            let watch = try await fixture.watch(until: "lamp")
            let refusal: JSONValue = [
                "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "Interactive authentication required.",
            ]
            try await fixture.bluez.tell(["do": "adapter", "deaf": "daemon", "restart_errors": [refusal]])
            try await fixture.wait("it was tried", step: .milliseconds(500)) {
                !fixture.log.lines("that remedy failed").isEmpty
            }
            try await fixture.bluez.tell(["do": "adapter", "deaf": .null])
            try await fixture.wait("the lamp is heard again") { watch.candidates == ["lamp"] }
            watch.leave()
        }
    }

    @Test("leaves the adapter on when it is stopped in the middle of switching it off and on")
    func stoppedWhileOff() async throws {
        try await PrivateBus.run { bus in
            try await FakeBlueZProcess.run(on: bus, devices: [["name": "SH_lamp"]]) { bluez in
                try await Self.stopWhileOff(bus, bluez)
            }
        }
    }

    private static func stopWhileOff(_ bus: PrivateBus, _ bluez: FakeBlueZProcess) async throws {
        let fixture = try await Fixture.start(bus, bluez, StationDatabase.inMemory())
        let watch = try await fixture.watch(until: "lamp")
        try await bluez.tell(["do": "adapter", "deaf": "power"])
        try await fixture.wait("the adapter is switched off", step: .milliseconds(500)) {
            try await bluez.count("powered False") > 0
        }
        let stop = Task { try await fixture.stop() }
        try await fixture.wait("it is on again") { try await bluez.count("powered True") > 0 }
        try await stop.value
        watch.leave()
    }

    @Test("goes on over a restart of the bus")
    func busRestart() async throws {
        try await Fixture.run { fixture in
            let watch = try await fixture.watch(until: "lamp")
            await fixture.bus.kill()
            try await fixture.wait("Bluetooth is gone") { watch.adapters.last == .noBluetoothd }
            try await fixture.bus.start()
            try await FakeBlueZProcess.run(on: fixture.bus, devices: [["name": "SH_lamp"]]) { _ in
                try await fixture.wait("the lamp is heard again") { watch.candidates == ["lamp"] }
            }
            watch.leave()
        }
    }
}
