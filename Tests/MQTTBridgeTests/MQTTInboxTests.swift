import MQTTTransport
import StationTestSupport
import Testing

@testable import MQTTBridge

@Suite("The inbox")
struct MQTTInboxTests {
    private static func message(_ number: Int, size: Int = 0) -> InboundMessage {
        InboundMessage(topic: "\(number)", payload: [UInt8](repeating: 0, count: size))
    }

    private static func topics(_ batch: (messages: [InboundMessage], dropped: Int)?) -> [String] {
        batch?.messages.map(\.topic) ?? ["finished"]
    }

    @Test("gives messages out in their order, in batches")
    func order() async {
        let inbox = MQTTInbox()
        for number in 0..<5 { inbox.offer(Self.message(number)) }
        #expect(inbox.count == 5)
        #expect(Self.topics(await inbox.next(limit: 3)) == ["0", "1", "2"])
        #expect(Self.topics(await inbox.next(limit: 3)) == ["3", "4"])
        #expect(inbox.count == 0)
    }

    @Test("drops the oldest beyond its number of messages, and says once how many")
    func number() async {
        let inbox = MQTTInbox(maximumMessages: 3)
        for number in 0..<10 { inbox.offer(Self.message(number)) }
        #expect(inbox.count == 3)
        let first = await inbox.next(limit: 1)
        #expect(Self.topics(first) == ["7"] && first?.dropped == 7)
        let second = await inbox.next(limit: 10)
        #expect(Self.topics(second) == ["8", "9"] && second?.dropped == 0)
    }

    @Test("drops the oldest beyond its number of bytes, topics counted as well")
    func bytes() async {
        let inbox = MQTTInbox(maximumBytes: 100)
        for number in 0..<5 { inbox.offer(Self.message(number, size: 32)) }
        #expect(inbox.count == 3)
        inbox.offer(InboundMessage(topic: String(repeating: "t", count: 99), payload: [0]))
        #expect(inbox.count == 1)
        let batch = await inbox.next(limit: 10)
        #expect(batch?.messages.first?.topic.count == 99 && batch?.dropped == 5)
        // What was taken out makes room.
        for number in 0..<3 { inbox.offer(Self.message(number, size: 32)) }
        #expect(inbox.count == 3)
    }

    @Test("does not forget that it dropped one that was larger than all of it")
    func larger() async {
        let inbox = MQTTInbox(maximumBytes: 100)
        inbox.offer(Self.message(0))
        inbox.offer(Self.message(1, size: 200))
        #expect(inbox.count == 0)
        async let batch = inbox.next(limit: 10)
        inbox.offer(Self.message(2))
        let received = await batch
        #expect(Self.topics(received) == ["2"] && received?.dropped == 2)
    }

    @Test("wakes its reader for a message and for the end")
    func waking() async throws {
        let inbox = MQTTInbox()
        let reader = Task {
            var topics: [String] = []
            while let batch = await inbox.next(limit: 2) { topics += batch.messages.map(\.topic) }
            return topics
        }
        for number in 0..<100 {
            inbox.offer(Self.message(number))
            if number % 10 == 0 { try await eventually("it is taken out") { inbox.count == 0 } }
        }
        inbox.finish()
        #expect(await reader.value == (0..<100).map(String.init))
    }

    @Test("lets out what is inside when it is finished, and takes nothing more")
    func finished() async {
        let inbox = MQTTInbox()
        inbox.offer(Self.message(1))
        inbox.finish()
        inbox.offer(Self.message(2))
        #expect(Self.topics(await inbox.next(limit: 10)) == ["1"])
        #expect(await inbox.next(limit: 10) == nil)
        #expect(await inbox.next(limit: 10) == nil)
    }
}
