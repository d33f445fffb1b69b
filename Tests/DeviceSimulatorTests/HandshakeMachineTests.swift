import DeviceSimulator
import MQTTTransport
import StationCore
import Testing

@Suite("A virtual device introduces itself")
struct HandshakeMachineTests {
    static let handshake =
        #"handshake {"type":"climate","firmwareVersion":"0.1.32","chip":"esp32","kit_tag":"k-1"}"#
    static let online = #"heartbeat {"status":"online"}"#

    @Test("plugged in it asks for a connection; connected it shakes hands and beats, word for word")
    func firstWords() throws {
        var bench = try MachineBench(.climate, kitTag: "k-1")
        #expect(bench.feed(.pluggedIn) == [.connect])
        let actions = bench.feed(.connected)
        #expect(actions.published == [Self.handshake, Self.online])
        #expect(bench.machine.phase == .greeting)
        guard case .publish(let first)? = actions.first else { throw MachineBench.NotAnExternalID() }
        #expect(first.qos == .atLeastOnce)
        #expect(!first.isRetained)
    }

    @Test("without a kit tag the handshake has none", arguments: VirtualDeviceType.allCases)
    func withoutKitTag(type: VirtualDeviceType) throws {
        var bench = try MachineBench(type)
        let expected = #"{"type":"\#(type.rawValue)","firmwareVersion":"0.1.32","chip":"esp32"}"#
        #expect(bench.connect().published(on: "handshake") == [expected])
    }

    @Test("the handshake is repeated until it is answered, and then no more")
    func repeatsUntilAnswered() throws {
        var behaviour = DeviceBehaviour.quiet
        behaviour.handshakeInterval = .seconds(4)
        var bench = try MachineBench(.light, behaviour: behaviour)
        bench.connect()
        #expect(bench.pass(.seconds(20)).published(on: "handshake").count == 5)
        #expect(bench.acknowledge("ok").notices == [.accepted])
        #expect(bench.pass(.seconds(600)).published(on: "handshake").isEmpty)
        #expect(bench.machine.phase == .accepted)
        #expect(bench.machine.tally.acknowledgements == 1)
        #expect(bench.machine.tally.sent.handshake == 6)
    }

    @Test("it beats every 30 seconds, accepted or not")
    func heartbeat() throws {
        var bench = try MachineBench(.pir)
        bench.connect()
        #expect(bench.pass(.seconds(29)).published(on: "heartbeat").isEmpty)
        #expect(bench.pass(.seconds(1)).published(on: "heartbeat") == [#"{"status":"online"}"#])
        bench.acknowledge("ok")
        #expect(bench.pass(.seconds(300)).published(on: "heartbeat").count == 10)
    }

    @Test("told unknown_device three times in a row it wipes itself, and is silent for good")
    func wipesItself() throws {
        var bench = try MachineBench(.light)
        bench.accept()
        bench.command(#"{"action":"turn_on"}"#)
        #expect(bench.acknowledge("unknown_device").notices == [.toldUnknown(1)])
        #expect(bench.acknowledge("unknown_device").notices == [.toldUnknown(2)])
        let actions = bench.acknowledge("unknown_device")
        #expect(actions == [.notice(.toldUnknown(3)), .abort, .notice(.wipedItself(.toldUnknown))])
        #expect(bench.machine.phase == .wiped)
        #expect(bench.machine.state == ["on": false, "brightness": 100])
        #expect(bench.machine.nextWake == nil)
        #expect(bench.pass(.seconds(3_600)).isEmpty)
        #expect(bench.acknowledge("ok").isEmpty)
        #expect(bench.feed(.disconnected).isEmpty)
        #expect(bench.feed(.pluggedIn).isEmpty)
        #expect(bench.feed(.unplugged).isEmpty)
        #expect(bench.machine.phase == .wiped)
        #expect(bench.machine.tally.wipes == 1)
        #expect(bench.machine.tally.unknownDevice == 3)
    }

    @Test("told unknown_device twice and then ok it forgets both")
    func okForgives() throws {
        var bench = try MachineBench(.climate)
        bench.connect()
        for _ in 0..<5 {
            bench.acknowledge("unknown_device")
            bench.acknowledge("unknown_device")
            #expect(bench.machine.phase == .greeting)
            bench.acknowledge("ok")
            #expect(bench.machine.phase == .accepted)
        }
        #expect(bench.machine.tally.unknownDevice == 10)
        #expect(bench.machine.tally.wipes == 0)
    }

    @Test("unknown_device in a row counts over lost connections")
    func unknownCountsOverConnections() throws {
        var bench = try MachineBench(.climate)
        bench.connect()
        bench.acknowledge("unknown_device")
        bench.acknowledge("unknown_device")
        bench.feed(.disconnected)
        #expect(bench.pass(.seconds(2)) == [.connect])
        bench.feed(.connected)
        bench.acknowledge("unknown_device")
        #expect(bench.machine.phase == .wiped)
    }

    @Test("an accepted device that is told unknown_device shakes hands again and reports no more")
    func unknownAfterAccepted() throws {
        var behaviour = DeviceBehaviour()
        behaviour.handshakeInterval = .seconds(4)
        var bench = try MachineBench(.climate, behaviour: behaviour)
        bench.accept()
        bench.acknowledge("unknown_device")
        let actions = bench.pass(.seconds(40))
        #expect(actions.published(on: "handshake").count == 10)
        #expect(actions.published(on: "state").isEmpty)
        #expect(!bench.acknowledge("ok").published(on: "state").isEmpty)
    }

    @Test("a broken connection is sought again with growing pauses up to the limit")
    func backoff() throws {
        var bench = try MachineBench(.climate)
        bench.connect()
        #expect(bench.feed(.disconnected).isEmpty)
        var nominal = 1.0
        for _ in 0..<8 {
            let wake = try #require(bench.machine.nextWake)
            let pause = bench.now.duration(to: wake)
            #expect((nominal / 2...nominal).contains(pause.seconds))
            #expect(bench.pass(pause) == [.connect])
            #expect(bench.machine.phase == .connecting)
            bench.feed(.connectFailed)
            #expect(bench.machine.phase == .waiting)
            nominal = min(nominal * 2, 30)
        }
        #expect(bench.machine.tally.connectFailures == 8)
        #expect(bench.machine.tally.connectionsLost == 1)
    }

    @Test("only a connection that lasted brings the short pauses back")
    func backoffResets() throws {
        var bench = try MachineBench(.climate)
        bench.feed(.pluggedIn)
        for _ in 0..<6 {
            bench.feed(.connected)
            bench.pass(.seconds(1))
            bench.feed(.disconnected)
            let wake = try #require(bench.machine.nextWake)
            bench.pass(bench.now.duration(to: wake))
        }
        bench.feed(.connected)
        bench.pass(.seconds(29))
        bench.feed(.disconnected)
        let long = try #require(bench.machine.nextWake)
        #expect(bench.now.duration(to: long) >= .seconds(15))
        bench.pass(bench.now.duration(to: long))
        bench.feed(.connected)
        bench.pass(.seconds(30))
        bench.feed(.disconnected)
        let short = try #require(bench.machine.nextWake)
        #expect(bench.now.duration(to: short) <= .seconds(1))
        #expect(bench.machine.tally.reconnects == 7)
    }

    @Test("a new connection begins with a new handshake")
    func shakesHandsAgain() throws {
        var bench = try MachineBench(.climate, kitTag: "k-1")
        bench.accept()
        bench.feed(.disconnected)
        #expect(bench.pass(.seconds(1)) == [.connect])
        #expect(bench.feed(.connected).published == [Self.handshake, Self.online])
        #expect(bench.machine.phase == .greeting)
    }

    @Test("without power it breaks off and waits for nothing; with power it comes back")
    func unplugged() throws {
        var bench = try MachineBench(.switchPIR)
        bench.accept()
        #expect(bench.feed(.unplugged) == [.abort])
        #expect(bench.machine.phase == .unplugged)
        #expect(bench.feed(.disconnected).isEmpty)
        #expect(bench.pass(.seconds(3_600)).isEmpty)
        #expect(bench.feed(.pluggedIn) == [.connect])
    }

    @Test("a connection that comes when the device has lost its power is dropped")
    func connectedTooLate() throws {
        var bench = try MachineBench(.pir)
        bench.feed(.pluggedIn)
        #expect(bench.feed(.unplugged).isEmpty)
        #expect(bench.feed(.connected) == [.abort])
        #expect(bench.machine.phase == .unplugged)
    }

    @Test(
        "what makes no sense is counted and changes nothing",
        arguments: [
            ("handshake/ack", ""), ("handshake/ack", "ok"), ("handshake/ack", #"["ok"]"#), ("handshake/ack", "{}"),
            ("handshake/ack", #"{"status":1}"#), ("handshake/ack", #"{"status":"OK"}"#), ("command", ""),
            ("command", "{"), ("command", "7"), ("command", "{}"), ("command", #"{"action":null}"#),
            ("command", #"{"action":["reboot"]}"#), ("command", #"{"action":"reboot"}x"#),
            ("command", #"{"action":"ota_update"}"#), ("command", #"{"action":"ota_update","url":"http://x"}"#),
            ("command", #"{"action":"ota_update","url":"","version":"2"}"#),
            ("command", #"{"action":"wifi_update","ssid":"net"}"#),
            ("command", #"{"action":"wifi_update","ssid":"","password":"p"}"#),
            ("command", #"{"action":"set_brightness"}"#), ("command", #"{"action":"set_brightness","brightness":"9"}"#),
            ("command", #"{"action":"set_brightness","brightness":101}"#),
            ("command", #"{"action":"set_brightness","brightness":-1}"#),
        ])
    func badPayloads(suffix: String, payload: String) throws {
        var bench = try MachineBench(.light)
        bench.connect()
        let before = bench.machine.state
        let actions = bench.feed(.message(suffix: suffix, payload: Array(payload.utf8)))
        #expect(actions.count == 1)
        guard case .notice(.ignoredPayload(suffix: suffix, reason: _))? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(bench.machine.tally.badPayloads == 1)
        #expect(bench.machine.state == before)
        #expect(bench.machine.phase == .greeting)
    }

    @Test("bytes that are no UTF-8 and topics that are not its own are counted too")
    func strayAndBinary() throws {
        var bench = try MachineBench(.light)
        bench.connect()
        bench.feed(.message(suffix: "command", payload: [0xFF, 0xFE]))
        #expect(bench.machine.tally.badPayloads == 1)
        #expect(bench.feed(.message(suffix: "state", payload: Array("{}".utf8))).isEmpty)
        #expect(bench.machine.tally.strayMessages == 1)
    }
}
