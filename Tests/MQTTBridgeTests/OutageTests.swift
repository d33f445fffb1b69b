import FoundationEssentials
import Logging
import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import MQTTBridge

@Suite("A bridge whose broker goes away", .serialized, .timeLimit(.minutes(3)))
struct OutageTests {
    private static func run(
        _ setup: BridgeFixture.Setup = BridgeFixture.Setup(),
        _ body: (BridgeFixture, BrokerProcess, CuttingProxy) async throws -> Void
    ) async throws {
        try await BrokerProcess.run { broker in
            try await CuttingProxy.run(to: broker.port) { proxy in
                try await BridgeFixture.run(setup, to: proxy.port, clientPort: broker.port) { fixture in
                    try await body(fixture, broker, proxy)
                }
            }
        }
    }

    @Test("says so, refuses commands at once, and is back when the broker is: subscribed, proven, nothing stale")
    func outage() async throws {
        try await Self.run { fixture, broker, proxy in
            let lamp = try await fixture.addDevice("lamp", type: "light").id
            try await fixture.play("lamp").shakeHands(#"{"type":"light"}"#)
            #expect(fixture.health[.mqtt]?.status == .ok && fixture.readiness.isReached)

            await broker.stop()
            try await eventually("health says so") { fixture.health[.mqtt]?.status == .degraded }
            let begin = ContinuousClock.now
            let refusal = await fixture.deliveryError(of: #"{"action":"turn_on"}"#, to: lamp)
            guard case .brokerUnavailable(let detail)? = refusal else {
                Issue.record("the command was not refused")
                return
            }
            #expect(!detail.isEmpty)
            // At once, and not after the deadline of 20 seconds.
            #expect(ContinuousClock.now - begin < .seconds(10))
            #expect(try await fixture.feed(of: lamp, .commandSent).isEmpty)

            // The broker is back, but not for the bridge, until somebody looks on.
            try await proxy.refuse()
            try await broker.start()
            let ping = "station/\(BridgeFixture.station)/bridge/ping"
            let observer = try await fixture.client(hearing: [ping])
            #expect(fixture.health[.mqtt]?.status == .degraded)
            #expect(await fixture.deliveryError(of: #"{"action":"turn_off"}"#, to: lamp) != nil)
            try await proxy.heal()
            try await fixture.waitUntilConnected()
            try await eventually("the bridge spoke to itself") { observer.messages(on: ping).count == 1 }
            #expect(fixture.metric("station_mqtt_connections_total") == 2)

            try await fixture.send(#"{"action":"toggle"}"#, to: lamp)
            let device = try await fixture.play("lamp", by: observer)
            try await eventually("the new command comes") { !device.commands.isEmpty }
            #expect(device.commands == [#"{"action":"toggle"}"#])
            try await device.say("state", #"{"state":{"on":true}}"#)
            try await eventually("devices are heard again") { fixture.state(of: lamp) == ["on": true] }
            #expect(try await device.shakeHands() == #"{"status":"ok"}"#)
        }
    }

    @Test("logs each loss once, however often it tries, and a broker that was never there too")
    func logged() async throws {
        let port = LoopbackPort.unused()
        let clock = PauseRecorder()
        var setup = BridgeFixture.Setup()
        setup.clock = clock
        setup.waitsForConnection = false
        try await BridgeFixture.run(setup, to: port) { fixture in
            for attempt in 1...5 {
                try await eventually("attempt \(attempt) has failed") { clock.pauses.count == attempt }
                clock.advance(by: setup.retryLimit)
            }
            let lines = fixture.log.lines("the broker is away")
            #expect(lines.count == 1 && lines.first?.level == .warning)
            #expect(fixture.health[.mqtt]?.detail.contains("127.0.0.1:\(port)") == true)
            // The agent may call itself ready: it has tried.
            #expect(fixture.readiness.isReached)
        }
    }

    @Test("fails a command by its deadline when the line swallows everything, and never delivers it later")
    func blackHole() async throws {
        var setup = BridgeFixture.Setup()
        setup.answerDeadline = .seconds(2)
        try await Self.run(setup) { fixture, broker, proxy in
            let lamp = try await fixture.addDevice("lamp").id
            let device = try await fixture.play("lamp")
            try await fixture.send(#"{"action":"first"}"#, to: lamp)
            proxy.blackHole()
            let begin = ContinuousClock.now
            #expect(await fixture.deliveryError(of: #"{"action":"swallowed"}"#, to: lamp) != nil)
            let elapsed = ContinuousClock.now - begin
            #expect(elapsed > .seconds(1) && elapsed < .seconds(15))
            try await eventually("health says so") { fixture.health[.mqtt]?.status == .degraded }

            try await proxy.heal()
            try await fixture.waitUntilConnected()
            try await fixture.send(#"{"action":"second"}"#, to: lamp)
            try await eventually("the second comes") { device.commands.count >= 2 }
            #expect(device.commands == [#"{"action":"first"}"#, #"{"action":"second"}"#])
            #expect(try await fixture.feed(of: lamp, .commandSent).count == 2)
        }
    }

    @Test("does not trust a broker that keeps its messages from it, and recovers when that ends")
    func swallowedPing() async throws {
        let free = "topic readwrite #\n"
        // Subscribing and publishing are granted, as far as the client can see.
        let swallowing = "topic readwrite station/+/device/#\ntopic write station/+/bridge/ping\n"
        var setup = BridgeFixture.Setup()
        setup.answerDeadline = .seconds(2)
        setup.waitsForConnection = false
        try await BrokerProcess.run(
            configuration: { directory in
                let file = directory.appending(path: "acl")
                try swallowing.write(to: file, atomically: true, encoding: .utf8)
                return ["acl_file \(file.path)"]
            }
        ) { broker in
            try await CuttingProxy.run(to: broker.port) { proxy in
                try await BridgeFixture.run(setup, to: proxy.port, clientPort: broker.port) { fixture in
                    let lamp = try await fixture.addDevice("lamp").id
                    try await eventually("two attempts have failed") { proxy.acceptedConnections >= 3 }
                    let check = try #require(fixture.health[.mqtt])
                    #expect(check.status == .degraded && check.detail.contains(fixture.bridge.pingTopic))
                    #expect(fixture.metric("station_mqtt_connections_total") == 0)
                    #expect(await fixture.deliveryError(of: #"{"action":"reboot"}"#, to: lamp) != nil)

                    try free.write(to: broker.directory.appending(path: "acl"), atomically: true, encoding: .utf8)
                    try await broker.restart()
                    try await fixture.waitUntilConnected()
                    try await fixture.send(#"{"action":"reboot"}"#, to: lamp)
                }
            }
        }
    }

    @Test("is not fooled by somebody else's message on its own topic")
    func foreignPing() async throws {
        try await BridgeFixture.run { fixture in
            let client = try await fixture.client()
            let arrival = fixture.bridge.link.expectPing(Array("right".utf8))
            for _ in 0..<20 { try await client.publish(fixture.bridge.pingTopic, Array("wrong".utf8)) }
            try await fixture.settle()
            #expect(await !fixture.bridge.link.waitForPing(arrival, within: .zero, on: SystemStationClock()))
            let second = fixture.bridge.link.expectPing(Array("right".utf8))
            for text in ["wrong", "right", "wrong", "wrong", "wrong", "wrong", "wrong"] {
                try await client.publish(fixture.bridge.pingTopic, Array(text.utf8))
            }
            #expect(await fixture.bridge.link.waitForPing(second, within: .seconds(20), on: SystemStationClock()))
            #expect(fixture.metric("station_mqtt_messages_total") == 1)
        }
    }

    @Test("stops at once while a broker keeps it waiting")
    func stopsWhileWaiting() async throws {
        try await FakePeer.run(.silent) { peer in
            var setup = BridgeFixture.Setup()
            setup.waitsForConnection = false
            try await BridgeFixture.run(setup, to: peer.port) { fixture in
                try await eventually("the bridge waits") { !peer.received.isEmpty }
                let begin = ContinuousClock.now
                try await fixture.stop()
                #expect(ContinuousClock.now - begin < .seconds(10))
                #expect(fixture.log.lines("the broker is away").isEmpty)
            }
        }
    }
}
