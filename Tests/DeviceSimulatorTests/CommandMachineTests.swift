import DeviceSimulator
import StationCore
import Testing

@Suite("A virtual device obeys")
struct CommandMachineTests {
    struct LightCase: Sendable, CustomTestStringConvertible {
        let commands: [String]
        let state: String
        let events: [String]

        var testDescription: String { self.commands.joined(separator: ", ") }
    }

    static let lightCases = [
        LightCase(
            commands: [#"{"action":"turn_on"}"#], state: #"{"state":{"on":true,"brightness":100}}"#,
            events: ["turned_on"]),
        LightCase(
            commands: [#"{"action":"turn_off"}"#], state: #"{"state":{"on":false,"brightness":100}}"#, events: []),
        LightCase(
            commands: [#"{"action":"turn_on"}"#, #"{"action":"turn_on"}"#],
            state: #"{"state":{"on":true,"brightness":100}}"#, events: ["turned_on"]),
        LightCase(
            commands: [#"{"action":"toggle"}"#, #"{"action":"toggle"}"#],
            state: #"{"state":{"on":false,"brightness":100}}"#, events: ["turned_on", "turned_off"]),
        LightCase(
            commands: [#"{"action":"set_brightness","brightness":75}"#],
            state: #"{"state":{"on":true,"brightness":75}}"#, events: ["turned_on"]),
        LightCase(
            commands: [#"{"action":"set_brightness","brightness":40.6}"#],
            state: #"{"state":{"on":true,"brightness":41}}"#, events: ["turned_on"]),
        LightCase(
            commands: [#"{"action":"turn_on"}"#, #"{"action":"set_brightness","brightness":0}"#],
            state: #"{"state":{"on":false,"brightness":0}}"#, events: ["turned_on", "turned_off"]),
    ]

    @Test("a light does as it is told and reports both keys after every command", arguments: lightCases)
    func light(example: LightCase) throws {
        var bench = try MachineBench(.light)
        bench.accept()
        var actions: [DeviceAction] = []
        for command in example.commands { actions += bench.command(command) }
        let states = actions.published(on: "state")
        #expect(states.count == example.commands.count)
        #expect(states.last == example.state)
        #expect(
            actions.published(on: "event")
                == example.events.map { #"{"event":"device_event","data":{"action":"\#($0)"}}"# })
        #expect(bench.machine.tally.commands == example.commands.count)
        #expect(bench.machine.tally.unknownCommands == 0)
    }

    @Test(
        "a command for another kind of device is counted and otherwise ignored",
        arguments: [
            (VirtualDeviceType.climate, "turn_on"), (.pir, "toggle"), (.switchPIR, "set_brightness"), (.light, "dance"),
        ])
    func unknownCommand(type: VirtualDeviceType, action: String) throws {
        var bench = try MachineBench(type)
        bench.accept()
        let actions = bench.command(#"{"action":"\#(action)","brightness":5}"#)
        #expect(actions == [.notice(.ignoredCommand(action: action))])
        #expect(bench.machine.tally.unknownCommands == 1)
        #expect(bench.machine.tally.commands == 1)
    }

    @Test("reboot: good-bye, back after two seconds, a new handshake", arguments: VirtualDeviceType.allCases)
    func reboot(type: VirtualDeviceType) throws {
        var bench = try MachineBench(type)
        bench.accept()
        #expect(bench.command(#"{"action":"reboot"}"#) == [.disconnect, .notice(.rebooting)])
        #expect(bench.feed(.disconnected).isEmpty)
        #expect(bench.machine.tally.connectionsLost == 0)
        #expect(bench.pass(.milliseconds(1_999)).isEmpty)
        #expect(bench.pass(.milliseconds(1)) == [.connect])
        #expect(bench.feed(.connected).published(on: "handshake").count == 1)
        #expect(bench.machine.phase == .greeting)
        #expect(bench.machine.tally.restarts == 1)
    }

    @Test("factory_reset: wiped at once")
    func factoryReset() throws {
        var bench = try MachineBench(.light)
        bench.accept()
        bench.command(#"{"action":"turn_on"}"#)
        #expect(bench.command(#"{"action":"factory_reset"}"#) == [.abort, .notice(.wipedItself(.factoryReset))])
        #expect(bench.machine.phase == .wiped)
        #expect(bench.machine.state == ["on": false, "brightness": 100])
        #expect(bench.pass(.seconds(3_600)).isEmpty)
    }

    static let update =
        #"{"action":"ota_update","url":"http://s/firmware/l@0.1.33.bin","version":"0.1.33","firmware_id":"0190"}"#

    @Test("ota_update: after a while it starts again with the new version")
    func updateSucceeds() throws {
        var bench = try MachineBench(.light)
        bench.accept()
        #expect(bench.command(Self.update) == [.notice(.updating(to: "0.1.33"))])
        #expect(bench.pass(.milliseconds(4_999)).isEmpty)
        #expect(bench.pass(.milliseconds(1)) == [.disconnect, .notice(.rebooting)])
        #expect(bench.pass(.seconds(2)) == [.connect])
        let expected = #"{"type":"light","firmwareVersion":"0.1.33","chip":"esp32"}"#
        #expect(bench.feed(.connected).published(on: "handshake") == [expected])
        #expect(bench.machine.firmwareVersion == "0.1.33")
    }

    @Test("ota_update that cannot be fetched: nothing happens")
    func downloadFails() throws {
        var behaviour = DeviceBehaviour.quiet
        behaviour.updateOutcome = .downloadFails
        var bench = try MachineBench(.light, behaviour: behaviour)
        bench.accept()
        bench.command(Self.update)
        #expect(bench.pass(.seconds(10)) == [.notice(.updateFailed(version: "0.1.33"))])
        #expect(bench.machine.phase == .accepted)
        #expect(bench.machine.firmwareVersion == "0.1.32")
    }

    @Test("ota_update that is rolled back: it starts again with the old version")
    func rollsBack() throws {
        var behaviour = DeviceBehaviour.quiet
        behaviour.updateOutcome = .rollsBack
        var bench = try MachineBench(.light, behaviour: behaviour)
        bench.accept()
        bench.command(Self.update)
        #expect(
            bench.pass(.seconds(5)) == [
                .notice(.updateFailed(version: "0.1.33")), .disconnect, .notice(.rebooting),
            ])
        bench.pass(.seconds(2))
        let expected = #"{"type":"light","firmwareVersion":"0.1.32","chip":"esp32"}"#
        #expect(bench.feed(.connected).published(on: "handshake") == [expected])
    }

    @Test("an update goes on when the broker is lost meanwhile")
    func updateWithoutBroker() throws {
        var bench = try MachineBench(.light)
        bench.accept()
        bench.command(Self.update)
        bench.feed(.disconnected)
        let actions = bench.pass(.seconds(8))
        #expect(actions.contains(.notice(.rebooting)))
        #expect(!actions.contains(.disconnect))
        #expect(actions.last == .connect)
        #expect(bench.machine.firmwareVersion == "0.1.33")
    }

    @Test("a reboot in the middle of an update ends the update")
    func rebootDuringUpdate() throws {
        var bench = try MachineBench(.light)
        bench.accept()
        bench.command(Self.update)
        bench.command(#"{"action":"reboot"}"#)
        bench.pass(.seconds(2))
        bench.feed(.connected)
        bench.acknowledge("ok")
        bench.pass(.seconds(20))
        #expect(bench.machine.firmwareVersion == "0.1.32")
        #expect(bench.machine.phase == .accepted)
    }

    @Test("wifi_update: gone without a word, back after three seconds, the password kept nowhere")
    func wifiUpdate() throws {
        var bench = try MachineBench(.climate)
        bench.accept()
        let actions = bench.command(#"{"action":"wifi_update","ssid":"attic","password":"tr0ub4dor"}"#)
        #expect(actions == [.notice(.changingNetwork(ssid: "attic")), .abort])
        #expect(bench.pass(.seconds(3)) == [.connect])
        let received = try #require(bench.machine.receivedCommands.last)
        #expect(received.action == "wifi_update")
        #expect(received.body["ssid"] == "attic")
        #expect(!String(describing: bench.machine).contains("tr0ub4dor"))
    }

    @Test("the last commands can be looked at, and no more than allowed")
    func commandLog() throws {
        var behaviour = DeviceBehaviour.quiet
        behaviour.commandLogLimit = 3
        var bench = try MachineBench(.light, behaviour: behaviour)
        bench.accept()
        for brightness in 1...10 { bench.command(#"{"action":"set_brightness","brightness":\#(brightness)}"#) }
        #expect(bench.machine.receivedCommands.map { $0.body["brightness"] } == [8, 9, 10])
        #expect(bench.machine.tally.commands == 10)
    }

    @Test("commands are obeyed before the station has accepted it, and reported when it has")
    func commandBeforeAcceptance() throws {
        var bench = try MachineBench(.light)
        bench.connect()
        #expect(bench.command(#"{"action":"turn_on"}"#).published.isEmpty)
        #expect(bench.acknowledge("ok").published == [#"state {"state":{"on":true,"brightness":100}}"#])
    }
}
