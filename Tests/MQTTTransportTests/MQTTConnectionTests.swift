import Glibc
import MQTTTransport
import PollLoop
import StationTestSupport
import Synchronization
import Testing

@Suite("A connection to a broker")
struct MQTTConnectionTests {
    @Test("brings messages there and back", arguments: [MQTTQualityOfService.atMostOnce, .atLeastOnce])
    func roundTrip(qos: MQTTQualityOfService) async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let inbox = Inbox()
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a", inbox: inbox)
                try await connection.subscribe(["t/+"], qos: qos)
                try await connection.publish(MQTTMessage(topic: "t/ö", text: "grüße", qos: qos))
                try await connection.publish(MQTTMessage(topic: "t/empty", payload: [], qos: qos))
                try await connection.publish(MQTTMessage(topic: "t/bytes", payload: [0, 255, 0], qos: qos))
                try await eventually("three messages come back") { inbox.count == 3 }
                #expect(
                    inbox.messages[0] == InboundMessage(topic: "t/ö", payload: Array("grüße".utf8), qos: qos.rawValue))
                #expect(inbox.messages[1].payload.isEmpty && !inbox.messages[1].isTooLarge)
                #expect(inbox.messages[2].payload == [0, 255, 0])
                #expect(await connection.unacknowledged == 0)
                await connection.close()
                #expect(try await connection.closed == nil)
            }
        }
    }

    @Test("hears the retained flag only on the broker's copy of an old message")
    func retained() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let inbox = Inbox()
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a", inbox: inbox)
                try await connection.publish(MQTTMessage(topic: "state", text: "old", retain: true))
                try await connection.subscribe(["state"])
                try await eventually("the retained message comes") { inbox.count == 1 }
                try await connection.publish(MQTTMessage(topic: "state", text: "new", retain: true))
                try await eventually("the live message comes") { inbox.count == 2 }
                #expect(inbox.texts == ["old", "new"])
                #expect(inbox.messages.map(\.isRetained) == [true, false])
            }
        }
    }

    @Test("keeps twenty thousand messages in order")
    func order() async throws {
        try await BrokerProcess.run(configuration: { _ in ["max_queued_messages 0"] }) { broker in
            try await withLoop { loop in
                let inbox = Inbox()
                let receiver = try await MQTTConnection.dial(loop, broker.port, id: "r", inbox: inbox)
                try await receiver.subscribe(["n"], qos: .atMostOnce)
                let sender = try await MQTTConnection.dial(loop, broker.port, id: "s")
                var next = 0
                while next < 20_000 {
                    let first = next
                    next = await Self.enqueue(on: sender, from: first, to: min(first + 500, 20_000))
                    // Full: give the loop a turn.
                    if next == first { await Task.yield() }
                }
                try await eventually("all messages come") { inbox.count >= 20_000 }
                #expect(inbox.texts == (0..<20_000).map(String.init))
            }
        }
    }

    /// Sends numbers until done or full; the next one to send.
    private static func enqueue(on sender: isolated MQTTConnection, from first: Int, to end: Int) -> Int {
        for number in first..<end {
            do {
                try sender.enqueue(MQTTMessage(topic: "n", text: "\(number)", qos: .atMostOnce))
            } catch {
                return number
            }
        }
        return end
    }

    @Test("lets its message handler answer on the spot")
    func answerFromHandler() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let inbox = Inbox()
                let asker = try await MQTTConnection.dial(loop, broker.port, id: "asker", inbox: inbox)
                try await asker.subscribe(["answer"])
                let box = Mutex<MQTTConnection?>(nil)
                let endpoint = MQTTEndpoint(host: "127.0.0.1", port: UInt16(broker.port))
                let answerer = try await MQTTConnection.open(
                    on: loop, to: endpoint, options: MQTTConnectionOptions(clientID: "answerer")
                ) { message in
                    guard let connection = box.withLock({ $0 }) else { return }
                    connection.assumeIsolated { connection in
                        // If it throws, the answer is missed below.
                        try? connection.enqueue(MQTTMessage(topic: "answer", payload: message.payload))
                        // Even the end may come from within the handler; the answer before it does not get lost.
                        if message.payload == Array("last".utf8) { connection.abort() }
                    }
                }
                box.withLock { $0 = answerer }
                try await answerer.subscribe(["question"])
                for number in 0..<50 { try await asker.publish(MQTTMessage(topic: "question", text: "\(number)")) }
                try await eventually("all answers come") { inbox.count == 50 }
                #expect(inbox.texts == (0..<50).map(String.init))
                try await asker.publish(MQTTMessage(topic: "question", text: "last"))
                #expect(try await answerer.closed == nil)
                try await eventually("the last answer comes too") { inbox.texts.last == "last" }
            }
        }
    }

    @Test("hands out the size, not the bytes, of a payload above the limit")
    func tooLarge() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let inbox = Inbox()
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a", inbox: inbox) {
                    $0.maximumPayload = 1_000
                }
                try await connection.subscribe(["t"])
                for size in [1_000, 1_001, 3_000_000] {
                    try await connection.publish(MQTTMessage(topic: "t", payload: Array(repeating: 1, count: size)))
                }
                try await eventually("three messages come") { inbox.count == 3 }
                #expect(inbox.messages.map(\.payloadSize) == [1_000, 1_001, 3_000_000])
                #expect(inbox.messages.map(\.payload.count) == [1_000, 0, 0])
                #expect(inbox.messages.map(\.isTooLarge) == [false, true, true])
            }
        }
    }

    @Test("refuses topics that MQTT does not allow", arguments: ["", "a/+", "a/#", "a\0b"])
    func invalidTopic(topic: String) async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a")
                let error = await mqttError { try await connection.publish(MQTTMessage(topic: topic, text: "x")) }
                #expect(error == .invalidTopic(topic))
                // One bad message does not harm the connection.
                try await connection.publish(MQTTMessage(topic: "good", text: "x"))
            }
        }
    }

    @Test("refuses filters that MQTT does not allow", arguments: ["", "a/#/b", "a+"])
    func invalidFilter(filter: String) async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a")
                let error = await mqttError { try await connection.subscribe(["good", filter]) }
                #expect(error == .invalidTopic(filter))
            }
        }
    }

    @Test("hears which subscription the broker refuses")
    func refusedSubscription() async throws {
        try await FakePeer.run(.answers([0x20, 0x02, 0x00, 0x00])) { peer in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, peer.port, id: "a")
                let subscribing = Task { await mqttError { try await connection.subscribe(["mine", "theirs"]) } }
                try await eventually("the SUBSCRIBE arrives") { peer.received.contains(0x82) }
                peer.send([0x90, 0x04, 0x00, 0x01, 0x01, 0x80])
                #expect(await subscribing.value == .subscriptionRefused(filter: "theirs"))
                #expect(await connection.isOpen)
            }
        }
    }

    @Test("has its last will sent when it is dropped, and not when it is closed", arguments: [true, false])
    func lastWill(isAborted: Bool) async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let inbox = Inbox()
                let observer = try await MQTTConnection.dial(loop, broker.port, id: "observer", inbox: inbox)
                try await observer.subscribe(["will", "after"])
                let mortal = try await MQTTConnection.dial(loop, broker.port, id: "mortal") {
                    $0.lastWill = MQTTMessage(topic: "will", text: "offline")
                }
                if isAborted { await mortal.abort() } else { await mortal.close() }
                #expect(try await mortal.closed == nil)
                // The broker has taken note of the end once it lets the same client id in again.
                let next = try await MQTTConnection.dial(loop, broker.port, id: "mortal")
                try await next.publish(MQTTMessage(topic: "after", text: "after"))
                try await eventually("the message after the end comes") { inbox.texts.contains("after") }
                if isAborted { try await eventually("the will comes") { inbox.texts.contains("offline") } }
                #expect(inbox.texts.contains("offline") == isAborted)
            }
        }
    }

    @Test("sends what was enqueued before it closes")
    func closeFlushes() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let inbox = Inbox()
                let receiver = try await MQTTConnection.dial(loop, broker.port, id: "r", inbox: inbox)
                try await receiver.subscribe(["t"])
                let sender = try await MQTTConnection.dial(loop, broker.port, id: "s")
                for number in 0..<100 { try await sender.enqueue(MQTTMessage(topic: "t", text: "\(number)")) }
                await sender.close()
                try await eventually("all 100 come") { inbox.count == 100 }
                let late = await mqttError { try await sender.publish(MQTTMessage(topic: "t", text: "late")) }
                #expect(late == .closed)
            }
        }
    }

    @Test("lets a message that is on its way arrive before it closes")
    func closeWaits() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let connection = try await MQTTConnection.dial(loop, broker.port, id: "a")
                broker.pause()
                let publishing = Task {
                    await mqttError { try await connection.publish(MQTTMessage(topic: "t", text: "x")) }
                }
                try await eventually("the message is on its way") { await connection.unacknowledged == 1 }
                let closing = Task { await connection.close() }
                try await eventually("the end has begun") { await !connection.isOpen }
                broker.resume()
                #expect(await publishing.value == nil)
                await closing.value
            }
        }
    }

    @Test("ends an older connection with the same client id, which hears that it is lost")
    func takenOver() async throws {
        try await BrokerProcess.run { broker in
            try await withLoop { loop in
                let older = try await MQTTConnection.dial(loop, broker.port, id: "same")
                _ = try await MQTTConnection.dial(loop, broker.port, id: "same")
                guard case .lost = try await older.closed else {
                    Issue.record("the older connection is not lost")
                    return
                }
            }
        }
    }
}
