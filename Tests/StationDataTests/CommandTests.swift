import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

/// A broker that takes commands, or does not, as the test says.
private final class ScriptedChannel: CommandChannel {
    let sent = Locked<[(command: DeviceCommand, target: CommandTarget)]>([])
    let fault = Locked<(any Error)?>(nil)

    func send(_ command: DeviceCommand, to target: CommandTarget) async throws {
        if let fault = self.fault.value { throw fault }
        self.sent.withLock { $0.append((command, target)) }
    }
}

@Suite("Commands")
struct CommandTests {
    private let channel = ScriptedChannel()

    private func commander(of station: TestStation) -> DeviceCommander {
        DeviceCommander(hub: station.hub, channel: self.channel, clock: station.clock)
    }

    @Test("go to where the device last spoke, and are on record and announced, without secrets, when that is done")
    func sending() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", type: "light", externalID: "lamp-1")
            let announcements = Announcements(of: station.hub)
            let body: JSONObject = ["action": "wifi_update", "ssid": "home", "password": "geheim-xyz"]
            let command = try await self.commander(of: station).send(body, to: device.id).command
            #expect(command.action == "wifi_update")
            #expect(self.channel.sent.value.map(\.command) == [command])
            #expect(self.channel.sent.value.map(\.command.body) == [body])
            #expect(
                self.channel.sent.value.map(\.target)
                    == [CommandTarget(externalID: device.externalID, address: DeviceReport.address)]
            )
            let shown: JSONObject = ["action": "wifi_update", "ssid": "home", "password": "•••"]
            #expect(
                await announcements.next() == [
                    .deviceCommand(device.id, command: shown, at: station.clock.wallTime)
                ]
            )
            // On disk already: a command that was acknowledged is never lost.
            let again = try await station.restarted(flushing: false)
            let entry = try #require(try await again.hub.deviceEvents(EventQuery()).entries.first)
            #expect(entry.event.type == .commandSent)
            #expect(
                entry.event.payload == ["commandId": .string(command.id.description), "command": .object(shown)]
            )
            try again.database.close()
            for path in [station.path, station.path + "-wal"] where FileManager.default.fileExists(atPath: path) {
                #expect(try Data(contentsOf: URL(filePath: path)).range(of: Data("geheim".utf8)) == nil)
            }
        }
    }

    @Test("go to a device never heard from without an address")
    func neverHeard() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Lamp", type: "light", externalID: "lamp-1")
            _ = try await self.commander(of: station).send(["action": "toggle"], to: device.id)
            #expect(
                self.channel.sent.value.map(\.target) == [CommandTarget(externalID: device.externalID, address: nil)]
            )
        }
    }

    @Test(
        "that the type refuses are refused before anything is published, and leave no trace",
        arguments: [
            ["action": "dance"], ["action": "set_brightness"], ["action": "set_brightness", "brightness": 101],
            ["action": 7], [:], ["action": .string(String(repeating: "x", count: 65))],
            ["action": "toggle", "data": .string(String(repeating: "x", count: 5000))],
        ] as [JSONObject]
    )
    func refused(body: JSONObject) async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", type: "light")
            let announcements = Announcements(of: station.hub)
            await #expect(throws: CommandRefusal.self) {
                try await self.commander(of: station).send(body, to: device.id)
            }
            #expect(self.channel.sent.value.isEmpty)
            #expect(await announcements.next() == [])
            #expect(try station.count("device_events", where: "event_type = 'command_sent'") == 0)
        }
    }

    @Test("are judged by the type that the handshake brought")
    func typeOfHandshake() async throws {
        try await TestStation.run { station in
            let device = try await station.add()
            let commander = self.commander(of: station)
            _ = try await commander.send(["action": "dance"], to: device.id)
            await station.hear(.hello(type: "light"), from: device)
            await #expect(throws: CommandRefusal.self) { try await commander.send(["action": "dance"], to: device.id) }
            #expect(self.channel.sent.value.count == 1)
        }
    }

    @Test("that were not delivered leave no record and no announcement")
    func undelivered() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", type: "light")
            let announcements = Announcements(of: station.hub)
            let faults: [any Error] = [
                CommandDeliveryError.brokerUnavailable("away"),
                CommandRefusal(code: .notExpressible, field: "action", message: "no words"),
            ]
            for fault in faults {
                self.channel.fault.withLock { $0 = fault }
                do {
                    _ = try await self.commander(of: station).send(["action": "toggle"], to: device.id)
                    Issue.record("it was sent")
                } catch {
                    #expect("\(error)" == "\(fault)")
                }
            }
            try await station.hub.flushEverything()
            #expect(await announcements.next() == [])
            #expect(try station.count("device_events", where: "event_type = 'command_sent'") == 0)
        }
    }

    @Test("to a device that is not there are not sent")
    func notFound() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Lamp", type: "light")
            try await station.hub.removeDevice(device.id)
            for id in [device.id, .make(at: station.clock.wallTime)] {
                await #expect(throws: StoreError.deviceNotFound(id.description)) {
                    try await self.commander(of: station).send(["action": "toggle"], to: id)
                }
            }
            #expect(self.channel.sent.value.isEmpty)
        }
    }

    @Test("that were obeyed while the store failed are announced, and recorded when it works again")
    func recordedLater() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", type: "light")
            let announcements = Announcements(of: station.hub)
            try station.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON device_events BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
            let command = try await self.commander(of: station).send(["action": "toggle"], to: device.id)
            #expect(!command.isRecorded)
            #expect(await announcements.next().map(\.kind) == ["command"])
            #expect(try station.count("device_events", where: "event_type = 'command_sent'") == 0)
            try station.execute("DROP TRIGGER refuse")
            await station.live(for: .seconds(6))
            #expect(try station.count("device_events", where: "payload LIKE '%\(command.id)%'") == 1)
            await station.live(for: .seconds(6))
            #expect(try station.count("device_events", where: "payload LIKE '%\(command.id)%'") == 1)
        }
    }

    // MARK: Actuators

    @Test("that set an actuator are the type's own, or the dialect's, and are on record")
    func actuators() async throws {
        try await TestStation.run { station in
            let lamp = try await station.addOnline("Lamp", type: "light")
            let commander = self.commander(of: station)
            for (key, value) in [("on", "true"), ("on", "false"), ("brightness", "40")] {
                try await commander.set(key, to: value, of: lamp.id)
            }
            #expect(
                self.channel.sent.value.map(\.command.body) == [
                    ["action": "turn_on"], ["action": "turn_off"], ["action": "set_brightness", "brightness": 40],
                ]
            )
            #expect(try station.count("device_events", where: "event_type = 'command_sent'") == 3)

            // One that speaks another dialect gets its words, whatever its type.
            let address = DeviceAddress(dialect: .placebrain, scope: lamp.placeID.description)
            await station.hub.hear([DeviceReport(sender: lamp.externalID, address: address, content: .heartbeat)])
            try await commander.set("brightness", to: "50", of: lamp.id)
            let last = try #require(self.channel.sent.value.last)
            #expect(last.command.body["actuator_key"] == "brightness")
            #expect(last.command.body["value"] == "50")
            #expect(last.target.address == address)
        }
    }

    @Test("that set an actuator to what it cannot be, or that it does not have, are not sent")
    func badActuators() async throws {
        try await TestStation.run { station in
            let lamp = try await station.addOnline("Lamp", type: "light")
            let commander = self.commander(of: station)
            for (key, value) in [("on", "1"), ("brightness", "101"), ("brightness", "0.5"), ("brightness", "nan")] {
                await #expect(throws: ActuatorValueError.self) { try await commander.set(key, to: value, of: lamp.id) }
            }
            await #expect(throws: StoreError.notFound(.actuator, id: "colour")) {
                try await commander.set("colour", to: "red", of: lamp.id)
            }
            // Made by hand on a device whose type has no command for it.
            _ = try await station.hub.addActuator(NewActuator(key: "speed", name: "Speed"), to: lamp.id)
            await #expect(throws: CommandRefusal.self) { try await commander.set("speed", to: "1", of: lamp.id) }
            #expect(self.channel.sent.value.isEmpty)
        }
    }
}
