import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import MQTTBridge

@Suite("A busy bridge", .serialized, .timeLimit(.minutes(3)))
struct LoadTests {
    @Test("serves fifty devices at once")
    func fiftyDevices() async throws {
        try await BridgeFixture.run { fixture in
            let names = (1...50).map { "lamp-\($0)" }
            let added = try await fixture.hub.addDevices(
                names.map { NewDevice(name: $0, type: "light", externalID: ExternalID($0)) }
            )
            try await withThrowingTaskGroup { group in
                for (device, _) in added {
                    group.addTask { try await Self.live(device, in: fixture) }
                }
                try await group.waitForAll()
            }
            for (device, _) in added {
                let present = try #require(fixture.device(device.id))
                #expect(present.status == .online)
                #expect(present.lastKnownState == ["on": false, "brightness": 77])
                #expect(try await fixture.feed(of: device.id, .stateTransition).count == 19)
                #expect(try await fixture.feed(of: device.id, .deviceEvent).count == 1)
                #expect(try await fixture.feed(of: device.id, .commandSent).count == 1)
                let values = try await fixture.readings(of: device.id, "brightness").map(\.value)
                #expect(values.count == 21 && values.contains(77))
            }
            #expect(fixture.rejections.isEmpty)
        }
    }

    /// What a lamp does from being switched on to obeying its first command.
    private static func live(_ device: Device, in fixture: BridgeFixture) async throws {
        let lamp = try await fixture.play(device.externalID.description)
        #expect(try await lamp.shakeHands(#"{"type":"light"}"#) == #"{"status":"ok"}"#)
        for number in 0..<20 {
            let state = #"{"on":\#(number % 2 == 0),"brightness":\#(number)}"#
            try await lamp.say("state", PlayedDevice.dated(state, number, after: fixture.yesterday))
        }
        try await lamp.say("event", #"{"event":"device_event","data":{"action":"turned_off"}}"#)
        try await fixture.send(#"{"action":"set_brightness","brightness":77}"#, to: device.id)
        try await eventually("\(lamp.name) hears its command") { !lamp.commands.isEmpty }
        #expect(lamp.commands == [#"{"action":"set_brightness","brightness":77}"#])
        try await lamp.say("state", #"{"state":{"brightness":77}}"#)
        try await eventually("\(lamp.name)'s effect is seen") { fixture.state(of: device.id)["brightness"] == 77 }
    }

    @Test("takes up what had already come before it stops, and refuses commands from then on")
    func gracefulStop() async throws {
        try await Self.runLockable { fixture, shell in
            let probe = try await fixture.addDevice("probe", type: "climate").id
            let device = try await fixture.play("probe")
            try await device.shakeHands()
            try await fixture.settle()
            let before = fixture.metric("station_mqtt_messages_total")
            try await shell.locking { unlock in
                // Its commit waits for the lock, and all that follows waits for it.
                try await device.say("handshake", PlayedDevice.handshake)
                try await eventually("it is being taken up") {
                    fixture.metric("station_mqtt_messages_total") == before + 1
                }
                try await device.client.publish(
                    (0..<300).map { device.message("state", #"{"state":{"temperature":\#($0)}}"#) }
                )
                try await eventually("the messages wait") { fixture.metric("station_mqtt_inbox_messages") == 300 }
                await fixture.beginToStop()
                try await eventually("the connection is closed") { fixture.bridge.link.connection == nil }
                #expect(fixture.state(of: probe) == JSONObject())
                #expect(await fixture.deliveryError(of: #"{"action":"reboot"}"#, to: probe) != nil)
                try await unlock()
                try await fixture.stop()
            }
            #expect(fixture.state(of: probe) == ["temperature": 299])
            #expect(fixture.hub.pendingRowCount == 300)
        }
    }

    @Test("that falls too far behind drops the oldest, says how many, and stays within its memory")
    func overflow() async throws {
        try await Self.runLockable { fixture, shell in
            let probe = try await fixture.addDevice("probe").id
            let device = try await fixture.play("probe")
            try await device.shakeHands()
            try await fixture.settle()
            let before = fixture.metric("station_mqtt_messages_total")
            let padding = String(repeating: "x", count: 60_000)
            var waiting = 0
            try await shell.locking { unlock in
                try await device.say("handshake", PlayedDevice.handshake)
                try await eventually("it is being taken up") {
                    fixture.metric("station_mqtt_messages_total") == before + 1
                }
                try await device.client.publish(
                    (0..<400).map { device.message("state", #"{"state":{"number":\#($0),"padding":"\#(padding)"}}"#) }
                )
                // Not put into the inbox, yet after all that was.
                let arrival = fixture.bridge.link.expectPing([1])
                try await device.client.publish(fixture.bridge.pingTopic, [1])
                #expect(await fixture.bridge.link.waitForPing(arrival, within: .seconds(20), on: SystemStationClock()))
                waiting = fixture.metric("station_mqtt_inbox_messages")
                try await unlock()
            }
            // As many as have room in 16 MiB.
            #expect((275...279).contains(waiting))
            try await fixture.settle()
            #expect(fixture.state(of: probe)["number"] == 399)
            #expect(fixture.rejected("overflow") == 400 - waiting)
            // The handshake, what was left, and the one by which we know that it is settled.
            #expect(fixture.metric("station_mqtt_messages_total") == before + 1 + waiting + 1)
            let lines = fixture.log.lines("a device's message was dropped")
            #expect(lines.count == 1 && lines.first?.metadata["reason"] == "overflow")
        }
    }

    private static func runLockable(_ body: (BridgeFixture, SQLiteShell) async throws -> Void) async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station.sqlite")
            var setup = BridgeFixture.Setup()
            setup.database = try StationDatabase.open(path: path)
            try await BridgeFixture.run(setup) { fixture in
                try await body(fixture, SQLiteShell(database: path, directory: directory))
            }
        }
    }
}
