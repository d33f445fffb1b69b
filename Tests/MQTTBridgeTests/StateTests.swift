import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A device's state", .serialized, .timeLimit(.minutes(3)))
struct StateTests {
    @Test("is merged key by key, a null removes a key, and unknown keys are kept")
    func merged() async throws {
        try await BridgeFixture.run { fixture in
            let id = try await fixture.addDevice("switch", type: "switch-pir").id
            let device = try await fixture.play("switch")
            try await device.shakeHands(#"{"type":"switch-pir"}"#)
            let steps: [(json: String, state: JSONObject)] = [
                (#"{"state":{"motion":true}}"#, ["motion": true]),
                (#"{"state":{"button":false}}"#, ["motion": true, "button": false]),
                (
                    #"{"state":{"lux":12,"debug":{"heap":[1,2]}}}"#,
                    ["motion": true, "button": false, "lux": 12, "debug": ["heap": [1, 2]]]
                ),
                (
                    #"{"state":{"motion":null,"never":null,"lux":13}}"#,
                    ["button": false, "lux": 13, "debug": ["heap": [1, 2]]]
                ),
                (#"{"state":{}}"#, ["button": false, "lux": 13, "debug": ["heap": [1, 2]]]),
            ]
            for step in steps {
                try await device.say("state", step.json)
                try await eventually("\(step.json) is merged") { fixture.state(of: id) == step.state }
            }
        }
    }

    @Test("becomes history where a number is a capability, and a transition where a boolean changes")
    func readingsAndTransitions() async throws {
        try await BridgeFixture.run { fixture in
            let lamp = try await fixture.addDevice("lamp", type: "light").id
            let device = try await fixture.play("lamp")
            try await device.shakeHands(#"{"type":"light"}"#)
            let states = [
                #"{"on":false,"brightness":10}"#, #"{"on":false,"brightness":10,"uptime":5,"wifi":true}"#,
                #"{"on":true}"#, #"{"brightness":"full","wifi":false}"#, #"{"brightness":12.5,"on":true}"#,
                #"{"on":0}"#,
            ]
            for (number, state) in states.enumerated() {
                try await device.say("state", PlayedDevice.dated(state, number, after: fixture.yesterday))
            }
            try await fixture.settle()
            #expect(try await fixture.readings(of: lamp, "brightness").map(\.value) == [10, 10, 12.5])
            #expect(try await fixture.readings(of: lamp, "uptime").isEmpty)
            #expect(try await fixture.readings(of: lamp, "on").isEmpty)
            #expect(
                try await fixture.feed(of: lamp, .stateTransition)
                    == [["key": "on", "oldValue": false, "newValue": true]]
            )
            #expect(
                fixture.state(of: lamp)
                    == ["on": 0, "brightness": .number(12.5), "uptime": 5, "wifi": false]
            )
        }
    }

    @Test("is taken up in the order in which it came, all of it")
    func order() async throws {
        let count = 2_000
        try await BridgeFixture.run { fixture in
            let probe = try await fixture.addDevice("probe", type: "climate").id
            let device = try await fixture.play("probe")
            try await device.shakeHands()
            try await device.client.publish(
                (0..<count).map { number in
                    let json = #"{"temperature":\#(number),"n\#(number % 7)":\#(number)}"#
                    return device.message("state", PlayedDevice.dated(json, number, after: fixture.yesterday))
                }
            )
            try await fixture.settle()
            let readings = try await fixture.readings(of: probe, "temperature")
            #expect(readings.map(\.value) == (0..<count).map(Double.init))
            #expect(readings.map(\.time) == (0..<count).map { fixture.yesterday.adding(.seconds($0)) })
            var last: JSONObject = ["temperature": .integer(Int64(count - 1))]
            for number in (count - 7)..<count { last["n\(number % 7)"] = .integer(Int64(number)) }
            #expect(fixture.state(of: probe) == last)
        }
    }

    @Test("that comes too fast is coalesced to the newest, and nobody else is kept waiting")
    func flood() async throws {
        let clock = ManualClock()
        var setup = BridgeFixture.Setup()
        setup.clock = clock
        setup.settings = HubSettings()
        try await BridgeFixture.run(setup) { fixture in
            let loud = try await fixture.addDevice("loud", type: "climate").id
            let quiet = try await fixture.addDevice("quiet", type: "climate").id
            let device = try await fixture.play("loud")
            let other = try await fixture.play("quiet")
            try await device.shakeHands()
            try await device.client.publish(
                (0..<1_000).map { number in
                    let json = #"{"temperature":\#(number),"k\#(number % 2)":\#(number)}"#
                    return device.message("state", PlayedDevice.dated(json, number, after: fixture.yesterday))
                }
                    + (0..<30).map { _ in device.message("event", #"{"event":"user_event"}"#) }
            )
            try await other.say("state", #"{"state":{"temperature":1}}"#)
            try await fixture.settle()

            // The burst is 200, and the handshake was the first of them.
            #expect(fixture.state(of: loud)["temperature"] == 198)
            #expect(fixture.metric("station_states_coalesced_total") == 801)
            #expect(fixture.rejections == ["rate_limited": 30])
            #expect(fixture.state(of: quiet) == ["temperature": 1])

            clock.advance(by: .seconds(1))
            await fixture.hub.lookRound()
            #expect(fixture.state(of: loud) == ["temperature": 999, "k0": 998, "k1": 999])
            let values = try await fixture.readings(of: loud, "temperature").map(\.value)
            #expect(values == (0...198).map(Double.init) + [999])
            // And it is heard again.
            try await device.say("event", #"{"event":"user_event","data":{"n":1}}"#)
            try await fixture.settle()
            #expect(try await fixture.feed(of: loud, .userEvent) == [["n": 1]])
        }
    }

    @Test("that the broker replays after a reconnect is refreshed, and nothing else follows from it")
    func retained() async throws {
        var setup = BridgeFixture.Setup()
        setup.settings = HubSettings(presence: PresenceRule(offlineAfter: .seconds(3_600), lastWillGrace: .zero))
        try await Self.runBehindProxy(setup) { fixture, proxy in
            let lamp = try await fixture.addDevice("lamp", type: "light").id
            let device = try await fixture.play("lamp")
            // Under an id that it no longer uses.
            let before = device.moved(to: "an-older-id")
            try await before.shakeHands(#"{"type":"light"}"#)
            let retained = PlayedDevice.dated(#"{"on":true,"brightness":40}"#, 0, after: fixture.yesterday)
            try await before.say("state", retained, retain: true)
            try await before.say("heartbeat", PlayedDevice.online, retain: true)
            try await device.say("state", #"{"state":{"on":false,"brightness":10}}"#)
            try await device.say("heartbeat", PlayedDevice.offline)
            try await fixture.settle()
            try await fixture.hub.judgePresence()
            let gone = try #require(fixture.device(lamp))
            #expect(gone.status == .offline && gone.statusReason == .lastWill)
            #expect(gone.lastKnownState == ["on": false, "brightness": 10])
            let statusLines = try await fixture.feed(of: lamp, .statusChanged)

            try await Self.reconnect(fixture, proxy)
            try await fixture.settle()
            try await fixture.hub.judgePresence()
            let replayed = try #require(fixture.device(lamp))
            #expect(replayed.lastKnownState == ["on": true, "brightness": 40])
            #expect(replayed.status == .offline && replayed.statusReason == .lastWill)
            #expect(replayed.lastSeenAt == gone.lastSeenAt && replayed.lastHeartbeatAt == gone.lastHeartbeatAt)
            #expect(replayed.address == gone.address)
            #expect(try await fixture.feed(of: lamp, .statusChanged) == statusLines)
            #expect(try await fixture.feed(of: lamp, .stateTransition).count == 1)
            #expect(try await fixture.readings(of: lamp, "brightness").map(\.value) == [40, 10])
        }
    }

    @Test("and a retained last will that is replayed leaves the device online")
    func retainedWill() async throws {
        var setup = BridgeFixture.Setup()
        setup.settings = HubSettings(presence: PresenceRule(offlineAfter: .seconds(3_600), lastWillGrace: .zero))
        try await Self.runBehindProxy(setup) { fixture, proxy in
            let lamp = try await fixture.addDevice("lamp").id
            let device = try await fixture.play("lamp")
            try await device.say("heartbeat", PlayedDevice.offline, retain: true)
            try await device.shakeHands()
            try await Self.reconnect(fixture, proxy)
            try await fixture.settle()
            try await fixture.hub.judgePresence()
            #expect(fixture.device(lamp)?.status == .online)
            // The same, said now, is believed.
            try await device.say("heartbeat", PlayedDevice.offline, retain: true)
            try await fixture.settle()
            try await fixture.hub.judgePresence()
            #expect(fixture.device(lamp)?.status == .offline)
        }
    }

    private static func runBehindProxy(
        _ setup: BridgeFixture.Setup, _ body: (BridgeFixture, CuttingProxy) async throws -> Void
    ) async throws {
        try await BrokerProcess.run(configuration: { _ in BridgeFixture.patience }) { broker in
            try await CuttingProxy.run(to: broker.port) { proxy in
                try await BridgeFixture.run(setup, to: proxy.port, clientPort: broker.port) { fixture in
                    try await body(fixture, proxy)
                }
            }
        }
    }

    private static func reconnect(_ fixture: BridgeFixture, _ proxy: CuttingProxy) async throws {
        let before = fixture.metric("station_mqtt_connections_total")
        proxy.cut()
        try await eventually("the bridge is connected again") {
            fixture.metric("station_mqtt_connections_total") == before + 1
        }
        try await fixture.waitUntilConnected()
    }
}
