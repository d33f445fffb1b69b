import MQTTTransport
import PollLoop
import StationTestSupport
import Testing

@Suite("A connection to a broker that fails")
struct MQTTLossTests {
    @Test(
        "survives a peer that sends nonsense later",
        arguments: [
            // A topic that is not UTF-8; an empty topic; QoS 3; a topic longer than its packet.
            [0x30, 0x04, 0x00, 0x02, 0xff, 0xfe], [0x30, 0x02, 0x00, 0x00], [0x36, 0x05, 0x00, 0x01, 0x61, 0x00, 0x01],
            [0x30, 0x03, 0x00, 0xff, 0x61],
            // A reserved packet type; a SUBACK without an id.
            [0xf0, 0x00], [0x90, 0x00],
        ] as [[UInt8]]
    )
    func laterGarbage(bytes: [UInt8]) async throws {
        try await FakePeer.run(.answers([0x20, 0x02, 0x00, 0x00])) { peer in
            try await withLoop { loop in
                let inbox = Inbox()
                let connection = try await MQTTConnection.dial(loop, peer.port, id: "a", inbox: inbox)
                // Unasked, but no harm: a second CONNACK, a PUBACK, a SUBACK; then a message, then the nonsense.
                peer.send([0x20, 0x02, 0x00, 0x00, 0x40, 0x02, 0x00, 0x07, 0x90, 0x03, 0x00, 0x09, 0x80])
                peer.send([0x30, 0x04, 0x00, 0x01, 0x61, 0x62])
                try await eventually("the good message comes") { inbox.texts == ["b"] }
                peer.send(bytes)
                let reason = try await connection.closed
                switch reason {
                case .malformed, .lost: break
                default: Issue.record("\(String(describing: reason))")
                }
                #expect(inbox.count == 1)
            }
        }
    }

    @Test("closes when the broker's answer to a subscription does not come")
    func silentSubscription() async throws {
        try await FakePeer.run(.answers([0x20, 0x02, 0x00, 0x00])) { peer in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, peer.port, id: "a") {
                    $0.publishDeadline = .milliseconds(300)
                }
                let error = await mqttError { try await connection.subscribe(["t"]) }
                guard case .timedOut = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(try await connection.closed == error)
            }
        }
    }

    @Test("ends with a reason, and fails everybody who waits, when the broker is killed")
    func brokerKilled() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a")
                broker.pause()
                let publishing = Task {
                    await mqttError { try await connection.publish(MQTTMessage(topic: "t", text: "x")) }
                }
                let subscribing = Task { await mqttError { try await connection.subscribe(["t"]) } }
                try await eventually("the message is on its way") { await connection.unacknowledged == 1 }
                await broker.kill()
                let reason = try await connection.closed
                guard case .lost = reason else {
                    Issue.record("\(String(describing: reason))")
                    return
                }
                #expect(await publishing.value == reason)
                #expect(await subscribing.value == reason)
                #expect(await mqttError { try await connection.publish(MQTTMessage(topic: "t", text: "x")) } == reason)
            }
        }
    }

    @Test("ends when the broker is stopped in good order")
    func brokerStopped() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a")
                await broker.stop()
                #expect(try await connection.closed?.isRetriable == true)
            }
        }
    }

    @Test("never delivers later what it could not deliver in time")
    func nothingStale() async throws {
        try await BrokerProcess.run { broker in
            try await CuttingProxy.run(to: broker.port) { proxy in
                try await withLoop { loop in
                    let inbox = Inbox()
                    let observer = try await MQTTConnection.dial(loop, broker.port, id: "observer", inbox: inbox)
                    try await observer.subscribe(["command"])

                    let first = try await MQTTConnection.dial(loop, proxy.port, id: "agent") {
                        $0.publishDeadline = .milliseconds(300)
                    }
                    try await first.publish(MQTTMessage(topic: "command", text: "in time"))
                    proxy.blackHole()
                    let error = await mqttError {
                        try await first.publish(MQTTMessage(topic: "command", text: "black hole"))
                    }
                    guard case .timedOut = error else {
                        Issue.record("\(String(describing: error))")
                        return
                    }
                    // The connection is gone with it: nothing is kept that could be sent later.
                    #expect(try await first.closed == error)
                    let offline = await mqttError {
                        try await first.publish(MQTTMessage(topic: "command", text: "offline"))
                    }
                    #expect(offline == error)

                    try await proxy.heal()
                    let second = try await MQTTConnection.dial(loop, proxy.port, id: "agent")
                    try await second.publish(MQTTMessage(topic: "command", text: "fresh"))
                    try await eventually("the fresh message comes") { inbox.texts.contains("fresh") }
                    #expect(inbox.texts == ["in time", "fresh"])

                    // The same with a broker that dies and comes back.
                    broker.pause()
                    let dying = Task {
                        await mqttError { try await second.publish(MQTTMessage(topic: "command", text: "dying")) }
                    }
                    try await eventually("the message is on its way") { await second.unacknowledged == 1 }
                    await broker.kill()
                    #expect(await dying.value != nil)
                    try await broker.start()
                    let later = Inbox()
                    let newObserver = try await MQTTConnection.dial(loop, broker.port, id: "observer", inbox: later)
                    try await newObserver.subscribe(["command"])
                    let third = try await MQTTConnection.dial(loop, proxy.port, id: "agent")
                    try await third.publish(MQTTMessage(topic: "command", text: "after"))
                    try await eventually("the message after the restart comes") { later.texts.contains("after") }
                    #expect(later.texts == ["after"])
                }
            }
        }
    }

    @Test("is full at its limit, and takes messages again when the broker moves on")
    func full() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a") { $0.maxInflight = 10 }
                broker.pause()
                for _ in 0..<10 { try await connection.enqueue(MQTTMessage(topic: "t", text: "x")) }
                let error = await mqttError { try await connection.enqueue(MQTTMessage(topic: "t", text: "x")) }
                #expect(error == .full(limit: 10))
                broker.resume()
                try await eventually("all are acknowledged") { await connection.unacknowledged == 0 }
                try await connection.publish(MQTTMessage(topic: "t", text: "x"))
            }
        }
    }

    @Test("closes when a message that nobody waits for is not acknowledged by the deadline")
    func enqueuedDeadline() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a") {
                    $0.publishDeadline = .milliseconds(300)
                }
                broker.pause()
                try await connection.enqueue(MQTTMessage(topic: "t", text: "x"))
                guard case .timedOut = try await connection.closed else {
                    Issue.record("not timed out")
                    return
                }
                broker.resume()
            }
        }
    }

    @Test("closes although the peer reads nothing")
    func closeInTime() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a")
                broker.pause()
                let waiting = Task {
                    await mqttError { try await connection.publish(MQTTMessage(topic: "t", text: "x")) }
                }
                try await eventually("the message is on its way") { await connection.unacknowledged == 1 }
                await connection.close()
                #expect(await waiting.value == .closed)
                broker.resume()
            }
        }
    }

    @Test("lets every kind of waiting task be cancelled")
    func cancellation() async throws {
        try await FakePeer.run(.answers([0x20, 0x02, 0x00, 0x00])) { peer in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, peer.port, id: "a")
                let publishing = Task {
                    await mqttError { try await connection.publish(MQTTMessage(topic: "t", text: "x")) }
                }
                let subscribing = Task { await mqttError { try await connection.subscribe(["t"]) } }
                let watching = Task { try await connection.closed }
                try await eventually("the message is on its way") { await connection.unacknowledged == 1 }
                for task in [publishing, subscribing] {
                    task.cancel()
                    #expect(await task.value == .cancelled)
                }
                watching.cancel()
                await #expect(throws: CancellationError.self) { try await watching.value }
                #expect(await connection.isOpen)
                // The message is still on its way: its deadline holds although nobody waits.
                #expect(await connection.unacknowledged == 1)
            }
        }
        try await FakePeer.run(.silent) { peer in
            try await withLoop { loop in
                let opening = Task { await mqttError { _ = try await MQTTConnection.dial(loop, peer.port, id: "a") } }
                try await eventually("the peer is connected") { peer.openConnections == 1 }
                opening.cancel()
                #expect(await opening.value == .cancelled)
                try await eventually("the socket is closed") { peer.openConnections == 0 }
            }
        }
    }

    @Test("ends with its loop, and then answers without one")
    func loopStopped() async throws {
        try await FakePeer.run(.answers([0x20, 0x02, 0x00, 0x00])) { peer in
            let loop = try LoopThread(name: "test")
            let connection = try await MQTTConnection.dial(loop, peer.port, id: "a")
            let publishing = Task {
                await mqttError { try await connection.publish(MQTTMessage(topic: "t", text: "x")) }
            }
            try await eventually("the message is on its way") { await connection.unacknowledged == 1 }
            loop.stop()
            let reason = try await connection.closed
            #expect(await publishing.value == reason)
            #expect(await mqttError { try await connection.subscribe(["t"]) } == reason)
            await connection.close()
            let late = await mqttError { _ = try await MQTTConnection.dial(loop, peer.port, id: "b") }
            #expect(late != nil)
        }
    }

    @Test("notices by keep-alive that the broker is silent")
    func keepAlive() async throws {
        try await BrokerProcess.run { broker in
            try await CuttingProxy.run(to: broker.port) { proxy in
                try await withLoop { loop in
                    let connection = try await MQTTConnection.dial(loop, proxy.port, id: "a") {
                        $0.keepAlive = .seconds(5)
                    }
                    proxy.blackHole()
                    #expect(try await connection.closed == .lost(detail: "the broker is silent"))
                }
            }
        }
    }
}
