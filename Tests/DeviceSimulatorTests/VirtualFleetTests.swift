import DeviceSimulator
import MQTTTransport
import StationCore
import StationTestSupport
import Testing

@Suite("A fleet on a real broker")
struct VirtualFleetTests {
    @Test("a device shakes hands, is accepted and reports")
    func handshake() async throws {
        try await withStation { broker, station in
            try await VirtualFleet.run(try impatientPlan(broker)) { fleet in
                try await eventually("the state arrives") { !station.heard(sampleLight, "state").isEmpty }
                #expect(
                    station.heard(sampleLight, "handshake").first
                        == #"{"type":"light","firmwareVersion":"0.1.32","chip":"esp32"}"#)
                #expect(station.heard(sampleLight, "heartbeat") == [#"{"status":"online"}"#])
                #expect(station.heard(sampleLight, "state") == [#"{"state":{"on":false,"brightness":100}}"#])
                let device = await fleet.device(at: 0)
                #expect(device.phase == .accepted)
                #expect(device.isConnected)
                let snapshot = await fleet.snapshot()
                #expect(snapshot.connected == 1)
                #expect(snapshot.accepted == 1)
            }
        }
    }

    @Test("a command is obeyed and reported, once")
    func command() async throws {
        try await withStation { broker, station in
            try await VirtualFleet.run(try impatientPlan(broker)) { fleet in
                try await eventually("accepted") { await fleet.snapshot().accepted == 1 }
                try await station.command(#"{"action":"set_brightness","brightness":30}"#, to: sampleLight)
                try await eventually("the event arrives") { !station.heard(sampleLight, "event").isEmpty }
                #expect(
                    station.heard(sampleLight, "event")
                        == [#"{"event":"device_event","data":{"action":"turned_on"}}"#])
                #expect(station.heard(sampleLight, "state").last == #"{"state":{"on":true,"brightness":30}}"#)
                let device = await fleet.device(at: 0)
                #expect(device.receivedCommands.map(\.body) == [["action": "set_brightness", "brightness": 30]])
                #expect(device.state == ["on": true, "brightness": 30])
                #expect(await fleet.snapshot().tally.commands == 1)
            }
        }
    }

    @Test("a device without power leaves its last will, and comes back when plugged in")
    func lastWill() async throws {
        try await withStation { broker, station in
            try await VirtualFleet.run(try impatientPlan(broker)) { fleet in
                try await eventually("accepted") { await fleet.snapshot().accepted == 1 }
                await fleet.unplug(0)
                try await eventually("the last will arrives") {
                    station.heard(sampleLight, "heartbeat") == [#"{"status":"online"}"#, #"{"status":"offline"}"#]
                }
                #expect(await fleet.device(at: 0).phase == .unplugged)
                await fleet.plugIn(0)
                try await eventually("accepted again") { await fleet.snapshot().accepted == 1 }
                #expect(await fleet.snapshot().tally.reconnects == 1)
            }
        }
    }

    @Test("a device whose connection is cut leaves its last will and comes back by itself")
    func cut() async throws {
        try await withStation { broker, station in
            try await VirtualFleet.run(try impatientPlan(broker)) { fleet in
                try await eventually("accepted") { await fleet.snapshot().accepted == 1 }
                await fleet.cutConnection(of: 0)
                try await eventually("back") { await fleet.snapshot().tally.acknowledgements == 2 }
                #expect(station.heard(sampleLight, "heartbeat").contains(#"{"status":"offline"}"#))
                #expect(await fleet.snapshot().tally.connectionsLost == 1)
            }
        }
    }

    @Test("a reboot is a good-bye without last will, and a new handshake")
    func reboot() async throws {
        try await withStation { broker, station in
            try await VirtualFleet.run(try impatientPlan(broker)) { fleet in
                try await eventually("accepted") { await fleet.snapshot().accepted == 1 }
                try await station.command(#"{"action":"reboot"}"#, to: sampleLight)
                try await eventually("back") { await fleet.snapshot().tally.acknowledgements == 2 }
                try await eventually("two handshakes") { station.heard(sampleLight, "handshake").count >= 2 }
                #expect(!station.heard(sampleLight, "heartbeat").contains(#"{"status":"offline"}"#))
                #expect(await fleet.device(at: 0).tally.restarts == 1)
            }
        }
    }

    @Test("an update comes back with the new version in the handshake")
    func update() async throws {
        try await withStation { broker, station in
            var plan = try impatientPlan(broker)
            plan.behaviour.updateTime = .milliseconds(20)
            try await VirtualFleet.run(plan) { fleet in
                try await eventually("accepted") { await fleet.snapshot().accepted == 1 }
                try await station.command(CommandMachineTests.update, to: sampleLight)
                try await eventually("the new version") {
                    station.heard(sampleLight, "handshake").contains { $0.contains(#""firmwareVersion":"0.1.33""#) }
                }
            }
        }
    }

    @Test("a device that is told unknown_device three times wipes itself and is heard no more")
    func wipes() async throws {
        try await withStation(answering: .unknownDevice) { broker, station in
            try await VirtualFleet.run(try impatientPlan(broker)) { fleet in
                try await eventually("wiped") { await fleet.snapshot().wiped == 1 }
                let snapshot = await fleet.snapshot()
                #expect(snapshot.tally.unknownDevice == 3)
                #expect(snapshot.connected == 0)
                #expect(snapshot.tally.wipes == 1)
                try await eventually("the broker noticed") {
                    station.heard(sampleLight, "heartbeat").contains(#"{"status":"offline"}"#)
                }
                let heard = station.heard(sampleLight, "handshake").count
                try await station.command(turnOn, to: sampleLight)
                #expect(station.heard(sampleLight, "handshake").count == heard)
                #expect(await fleet.device(at: 0).tally.commands == 0)
            }
        }
    }

    @Test("a device that is told unknown_device twice and then ok does not wipe itself")
    func doesNotWipe() async throws {
        try await withStation { broker, station in
            station.answerNext([.unknownDevice, .unknownDevice])
            try await VirtualFleet.run(try impatientPlan(broker)) { fleet in
                try await eventually("accepted") { await fleet.snapshot().accepted == 1 }
                let snapshot = await fleet.snapshot()
                #expect(snapshot.tally.unknownDevice == 2)
                #expect(snapshot.tally.wipes == 0)
                try await station.command(turnOn, to: sampleLight)
                try await eventually("it lives") { await fleet.device(at: 0).state["on"] == true }
            }
        }
    }

    @Test("a station that says nothing hears the handshake again and again")
    func silence() async throws {
        try await withStation(answering: .silence) { broker, station in
            try await VirtualFleet.run(try impatientPlan(broker)) { fleet in
                try await eventually("five handshakes") { station.heard(sampleLight, "handshake").count >= 5 }
                #expect(await fleet.device(at: 0).phase == .greeting)
                #expect(station.heard(sampleLight, "state").isEmpty)
            }
        }
    }

    @Test("a device says whatever a test has it say")
    func raw() async throws {
        try await withStation { broker, station in
            try await VirtualFleet.run(try impatientPlan(broker)) { fleet in
                try await eventually("accepted") { await fleet.snapshot().accepted == 1 }
                let garbage = DevicePublication(suffix: "event", payload: Array("not json".utf8), qos: .atLeastOnce)
                try await fleet.send(garbage, from: 0)
                try await eventually("heard") { station.heard(sampleLight, "event") == ["not json"] }
                await fleet.unplug(0)
                await #expect(throws: FleetError.notConnected(externalID: sampleLight)) {
                    try await fleet.send(garbage, from: 0)
                }
            }
        }
    }

    @Test("somebody presses a button and walks by")
    func stimuli() async throws {
        try await withStation { broker, station in
            let devices = try VirtualDeviceProfile.series(.switchPIR, count: 1)
            try await VirtualFleet.run(try impatientPlan(broker, devices)) { fleet in
                try await eventually("accepted") { await fleet.snapshot().accepted == 1 }
                await fleet.stimulate(0, .press)
                await fleet.stimulate(0, .motion(true))
                let name = "sim-switch-pir-0001"
                try await eventually("all is told") { station.heard(name, "state").count == 5 }
                #expect(
                    station.heard(name, "event") == [
                        #"{"event":"device_event","data":{"action":"button_press"}}"#,
                        #"{"event":"device_event","data":{"action":"motion_detected"}}"#,
                    ])
                #expect(station.heard(name, "state").contains(#"{"state":{"button":false}}"#))
            }
        }
    }
}
