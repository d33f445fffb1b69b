import StationCore
import StationTestSupport
import Testing

@testable import CloudLink

@Suite("What waits to be sent to the cloud")
struct RPCQueueTests {
    @Test("goes out in its order, answers before news")
    func order() async {
        let queue = OutgoingQueue()
        #expect(await queue.tell("news 1", row: 7))
        #expect(await queue.tell("news 2"))
        queue.answer("answer 1")
        queue.answer("answer 2")
        var texts = queue.texts.makeAsyncIterator()
        var taken: [String?] = []
        for _ in 0..<4 { taken.append(await texts.next()) }
        #expect(taken == ["answer 1", "answer 2", "news 1", "news 2"])
        // Said of the oldest that was taken each time.
        #expect(queue.sent() == nil)
        #expect(queue.sent() == nil)
        #expect(queue.sent() == 7)
        #expect(queue.sent() == nil)
        #expect(queue.sent() == nil)
    }

    @Test("is at most 32 news: who has more waits until one is taken")
    func newsRoom() async throws {
        let queue = OutgoingQueue()
        let told = Locked(0)
        let teller = Task { await Self.tell(40, to: queue, counting: told) }
        try await eventually("32 are told") { told.value == 32 }
        var texts = queue.texts.makeAsyncIterator()
        for number in 0..<40 { #expect(await texts.next() == "\(number)") }
        await teller.value
        #expect(told.value == 40)
    }

    @Test("keeps nobody waiting who was cancelled, or once it is over")
    func endings() async throws {
        let queue = OutgoingQueue()
        let told = Locked(0)
        let cancelled = Task { await Self.tell(40, to: queue, counting: told) }
        try await eventually("32 are told") { told.value == 32 }
        cancelled.cancel()
        await cancelled.value
        #expect(told.value == 32)
        let waiting = Task { await queue.tell("one more") }
        let sending = Task { await queue.waitUntilSent(queue.answer("an answer")) }
        queue.finish()
        #expect(await waiting.value == false)
        await sending.value
        #expect(await queue.tell("late") == false)
        queue.answer("late")
        var texts = queue.texts.makeAsyncIterator()
        #expect(await texts.next() == nil)
    }

    @Test("knows when an answer is sent")
    func sent() async throws {
        let queue = OutgoingQueue()
        queue.answer("first")
        let number = queue.answer("second")
        let isSent = Locked(false)
        let waiter = Task {
            await queue.waitUntilSent(number)
            isSent.withLock { $0 = true }
        }
        var texts = queue.texts.makeAsyncIterator()
        _ = await texts.next()
        _ = queue.sent()
        _ = await texts.next()
        #expect(!isSent.value)
        _ = queue.sent()
        await waiter.value
        #expect(isSent.value)
    }

    private static func tell(_ count: Int, to queue: OutgoingQueue, counting told: Locked<Int>) async {
        for number in 0..<count {
            guard await queue.tell("\(number)") else { return }
            told.withLock { $0 += 1 }
        }
    }
}
