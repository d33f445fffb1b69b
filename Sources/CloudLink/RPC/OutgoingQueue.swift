import DequeModule
import StationCore
import Synchronization

/// What waits to be sent: answers first, then news. Neither can grow without end: who has more to say waits.
final class OutgoingQueue: Sendable {
    /// As many answers wait at most before the next frame is taken.
    private static let maximumAnswers = 256
    private static let maximumNews = 32

    /// A text on its way.
    private struct Item {
        let number: Int
        let text: String
        /// The row of the outbox that it tells.
        let row: Int64?
    }

    private enum Condition {
        case roomForAnswers
        case roomForNews
        /// The text with this number was sent.
        case sent(Int)
    }

    private struct Waiter {
        let condition: Condition
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var answers: Deque<Item> = []
        var news: Deque<Item> = []
        /// Taken by the reader, and not known to be sent.
        var taken: Deque<Item> = []
        var nextNumber = 0
        var isFinished = false
        var reader: CheckedContinuation<String?, Never>?
        var waiters: [Int: Waiter] = [:]
        /// Who gave up waiting before they began to.
        var nextWaiter = 0

        mutating func number() -> Int {
            self.nextNumber += 1
            return self.nextNumber
        }

        mutating func take() -> String? {
            guard let item = self.answers.popFirst() ?? self.news.popFirst() else { return nil }
            self.taken.append(item)
            return item.text
        }

        func holds(_ condition: Condition) -> Bool {
            switch condition {
            case .roomForAnswers: self.answers.count < OutgoingQueue.maximumAnswers
            case .roomForNews: self.news.count < OutgoingQueue.maximumNews
            case .sent(let number):
                !self.answers.contains { $0.number == number } && !self.taken.contains { $0.number == number }
            }
        }
    }

    private let state = Mutex(State())

    /// Every text in its turn, each when the one before was taken; for one reader.
    var texts: AsyncStream<String> {
        AsyncStream { await self.next() }
    }

    // MARK: Writing

    /// Leaves an answer.
    ///
    /// - Returns: By which `waitUntilSent` knows it.
    @discardableResult
    func answer(_ text: String) -> Int {
        self.change { state in
            let number = state.number()
            if !state.isFinished { state.answers.append(Item(number: number, text: text, row: nil)) }
            return number
        }
    }

    /// Leaves news as soon as there is room.
    ///
    /// - Returns: false when the queue is finished or the task was cancelled; then it is not left.
    func tell(_ text: String, row: Int64? = nil) async -> Bool {
        guard await self.wait(for: .roomForNews) else { return false }
        return self.change { state in
            guard !state.isFinished else { return false }
            state.news.append(Item(number: state.number(), text: text, row: row))
            return true
        }
    }

    /// Returns when answers can be left again: a peer that asks and does not read is read no further.
    func waitForRoom() async {
        _ = await self.wait(for: .roomForAnswers)
    }

    /// Returns when an answer was sent, or nothing will be sent any more.
    func waitUntilSent(_ number: Int) async {
        _ = await self.wait(for: .sent(number))
    }

    // MARK: Reading

    /// The oldest text that was taken is sent.
    ///
    /// - Returns: The row of the outbox that it told.
    func sent() -> Int64? {
        self.change { $0.taken.popFirst()?.row }
    }

    /// Nothing is sent any more.
    func finish() {
        let reader = self.change { state in
            state.isFinished = true
            state.answers = []
            state.news = []
            state.taken = []
            return state.reader.take()
        }
        reader?.resume(returning: nil)
    }

    private func next() async -> String? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.change { state in
                    if state.isFinished || Task.isCancelled {
                        continuation.resume(returning: nil)
                    } else {
                        state.reader = continuation
                    }
                }
            }
        } onCancel: {
            self.finish()
        }
    }

    // MARK: Waiting

    private func wait(for condition: Condition) async -> Bool {
        let number = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.change { state in
                    if Task.isCancelled {
                        continuation.resume(returning: false)
                    } else {
                        state.waiters[number] = Waiter(condition: condition, continuation: continuation)
                    }
                }
            }
        } onCancel: {
            let waiter = self.state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume(returning: false)
        }
    }

    /// Changes the state and wakes whoever that lets go on.
    private func change<Result: Sendable>(_ body: (inout sending State) -> Result) -> Result {
        typealias Wake = (reader: CheckedContinuation<String?, Never>?, text: String?, waiters: [Waiter], goesOn: Bool)
        let (result, wake) = self.state.withLock { state -> (Result, Wake) in
            let result = body(&state)
            var wake: Wake = (nil, nil, [], !state.isFinished)
            if state.reader != nil, let text = state.take() {
                wake.text = text
                wake.reader = state.reader.take()
            }
            for (number, waiter) in state.waiters where state.isFinished || state.holds(waiter.condition) {
                wake.waiters.append(waiter)
                state.waiters[number] = nil
            }
            return (result, wake)
        }
        wake.reader?.resume(returning: wake.text)
        for waiter in wake.waiters { waiter.continuation.resume(returning: wake.goesOn) }
        return result
    }
}
