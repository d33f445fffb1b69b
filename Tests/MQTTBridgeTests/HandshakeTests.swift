import Logging
import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A handshake", .serialized, .timeLimit(.minutes(2)))
struct HandshakeTests {
    @Test("of a known device is stored and acknowledged, once, with QoS 1 and not retained")
    func acknowledged() async throws {
        try await BridgeFixture.run { fixture in
            let lamp = try await fixture.addDevice("lamp")
            let device = try await fixture.play("lamp")
            let json = #"{"type":"light","firmwareVersion":"0.1.33","chip":"esp32-c3","kit_tag":"k-7"}"#
            #expect(try await device.shakeHands(json) == #"{"status":"ok"}"#)

            let known = try #require(fixture.device(lamp.id))
            #expect(known.type == "light" && known.firmwareVersion == "0.1.33")
            #expect(known.chip == "esp32-c3" && known.kitTag == "k-7")
            #expect(known.status == .online && known.statusReason == nil)
            #expect(try await fixture.feed(of: lamp.id, .handshake).count == 1)

            try await fixture.settle()
            let answers = device.client.messages(on: device.topic("handshake/ack"))
            #expect(answers.count == 1)
            #expect(answers.allSatisfy { $0.qos == 1 && !$0.isRetained })
            let late = try await fixture.play("lamp")
            let barrier = try await fixture.play("barrier", by: late.client)
            try await barrier.shakeHands("{}")
            #expect(late.answers.isEmpty)
        }
    }

    @Test("of a stranger is answered with unknown_device after the store was asked")
    func stranger() async throws {
        try await BridgeFixture.run { fixture in
            let stranger = try await fixture.play("stranger")
            #expect(try await stranger.shakeHands() == #"{"status":"unknown_device"}"#)
            let answer = try #require(stranger.client.messages(on: stranger.topic("handshake/ack")).first)
            #expect(answer.qos == 1 && !answer.isRetained)
            #expect(fixture.hub.devices().isEmpty)
        }
    }

    @Test("gets no answer at all while the store cannot be read, and the right one afterwards")
    func unreadableStore() async throws {
        try await TemporaryDirectory.run { directory in
            var setup = BridgeFixture.Setup()
            setup.database = try StationDatabase.open(path: directory.path("station.sqlite"))
            let shell = SQLiteShell(database: directory.path("station.sqlite"), directory: directory)
            try await BridgeFixture.run(setup) { fixture in
                try await fixture.addDevice("known")
                let known = try await fixture.play("known")
                let stranger = try await fixture.play("stranger", by: known.client)

                try await shell.run("ALTER TABLE devices RENAME TO devices_away")
                try await stranger.say("handshake", PlayedDevice.handshake)
                try await eventually("the store is found to be broken") {
                    fixture.health[.store]?.status == .failed
                }
                try await known.say("handshake", PlayedDevice.handshake)
                // Counted at the end of what was taken up before it.
                try await stranger.say("heartbeat", PlayedDevice.online)
                try await eventually("all are taken up") { fixture.rejected("unknown_device") == 1 }

                try await shell.run("ALTER TABLE devices_away RENAME TO devices")
                #expect(try await known.shakeHands() == #"{"status":"ok"}"#)
                #expect(try await stranger.shakeHands() == #"{"status":"unknown_device"}"#)
                #expect(known.answers.count == 1 && stranger.answers.count == 1)
                #expect(fixture.health[.store]?.status == .ok)
            }
        }
    }

    @Test("gets no answer when the store is being shut down")
    func closedStore() async throws {
        try await TemporaryDirectory.run { directory in
            let database = try StationDatabase.open(path: directory.path("station.sqlite"))
            var setup = BridgeFixture.Setup()
            setup.database = database
            try await BridgeFixture.run(setup) { fixture in
                let lamp = try await fixture.addDevice("lamp")
                let stranger = try await fixture.play("stranger")
                try database.close()
                try await stranger.say("handshake", PlayedDevice.handshake)
                try await eventually("the store is found to be closed") {
                    fixture.health[.store]?.status == .failed
                }
                // Taken up after the answers to what came before it, if there were any.
                try await stranger.say("heartbeat", PlayedDevice.online)
                try await eventually("all are taken up") { fixture.rejected("unknown_device") == 1 }
                try await fixture.send(#"{"action":"reboot"}"#, to: lamp.id)
                let lampsTopic = "station/\(BridgeFixture.station)/device/lamp/command"
                try await eventually("the command comes") { !stranger.client.texts(on: lampsTopic).isEmpty }
                #expect(stranger.answers.isEmpty)
            }
        }
    }

    @Test("of a device that another process has just added is acknowledged")
    func addedElsewhere() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station.sqlite")
            var setup = BridgeFixture.Setup()
            setup.database = try StationDatabase.open(path: path)
            try await BridgeFixture.run(setup) { fixture in
                let other = try await StationHub.open(database: try StationDatabase.open(path: path))
                let added = try await other.addDevice(NewDevice(name: "Lamp", externalID: ExternalID("lamp"))).device
                let device = try await fixture.play("lamp")
                #expect(try await device.shakeHands() == #"{"status":"ok"}"#)
                #expect(fixture.device(added.id)?.status == .online)
            }
        }
    }

    @Test("that claims another type is acknowledged, logged, and the type kept out")
    func contradiction() async throws {
        try await BridgeFixture.run { fixture in
            let lamp = try await fixture.addDevice("lamp", type: "light")
            let device = try await fixture.play("lamp")
            let json = #"{"type":"climate","firmwareVersion":"0.1.34","chip":"esp32"}"#
            #expect(try await device.shakeHands(json) == #"{"status":"ok"}"#)
            #expect(fixture.device(lamp.id)?.type == "light")
            #expect(fixture.device(lamp.id)?.firmwareVersion == "0.1.34")
            let line = fixture.log.lines.first { $0.metadata["claimed"] == "climate" }
            #expect(line?.metadata["stored"] == "light" && line?.level == .warning)
        }
    }

    @Test("of a device that was renamed or moved is acknowledged as ever")
    func renamed() async throws {
        try await BridgeFixture.run { fixture in
            let lamp = try await fixture.addDevice("lamp")
            let device = try await fixture.play("lamp")
            try await device.shakeHands()
            var changes = DeviceChanges()
            changes.name = "Another name"
            changes.type = "pir"
            _ = try await fixture.hub.updateDevice(lamp.id, changes)
            #expect(try await device.shakeHands() == #"{"status":"ok"}"#)
            #expect(fixture.device(lamp.id)?.name == "Another name")
        }
    }

    @Test("of a removed device is met with silence, today and after a restart, and so is all else that it says")
    func removed() async throws {
        try await TemporaryDirectory.run { directory in
            for isRestarted in [false, true] {
                var setup = BridgeFixture.Setup()
                setup.database = try StationDatabase.open(path: directory.path("station.sqlite"))
                try await BridgeFixture.run(setup) { fixture in
                    let client = try await fixture.client()
                    let device = try await fixture.play("lamp", by: client)
                    if !isRestarted {
                        let lamp = try await fixture.addDevice("lamp")
                        #expect(try await device.shakeHands() == #"{"status":"ok"}"#)
                        try await fixture.hub.removeDevice(lamp.id)
                        #expect(await Self.isUnknown(lamp.id, to: fixture))
                    }
                    let before = device.answers.count
                    try await device.say("handshake", PlayedDevice.handshake)
                    try await device.say("state", #"{"state":{"on":true}}"#)
                    try await device.say("event", #"{"event":"user_event","data":{}}"#)
                    try await device.say("heartbeat", PlayedDevice.online)
                    // Another's answer on the same connection comes after all that might come before it.
                    let stranger = try await fixture.play("stranger", by: client)
                    #expect(try await stranger.shakeHands() == #"{"status":"unknown_device"}"#)
                    #expect(device.answers.count == before && device.commands.isEmpty)
                    #expect(fixture.rejected("revoked_device") == 4)
                    #expect(fixture.hub.devices().allSatisfy { $0.name != "lamp" })
                }
                try setup.database?.close()
            }
        }
    }

    private static func isUnknown(_ id: DeviceID, to fixture: BridgeFixture) async -> Bool {
        do {
            try await fixture.send(#"{"action":"reboot"}"#, to: id)
            return false
        } catch {
            return error as? StoreError == .deviceNotFound(id.description)
        }
    }

    @Test("is answered under the station id that the device used")
    func address() async throws {
        try await BridgeFixture.run { fixture in
            try await fixture.addDevice("lamp")
            let device = try await fixture.play("lamp", scope: "an-older-id")
            #expect(try await device.shakeHands() == #"{"status":"ok"}"#)
            let stranger = try await fixture.play("stranger", scope: "an-older-id", by: device.client)
            #expect(try await stranger.shakeHands() == #"{"status":"unknown_device"}"#)
            let moved = device.moved(to: BridgeFixture.station)
            #expect(try await moved.shakeHands() == #"{"status":"ok"}"#)
            #expect(device.answers.count == 1)
        }
    }
}
