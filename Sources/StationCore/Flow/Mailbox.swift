import DequeModule
import Synchronization

/// Many writers, one reader, and never a wait for the writers: a keyed message replaces its older version in place, and
/// a reader who falls too far behind loses the backlog and is told so once.
public final class Mailbox<Key: Hashable & Sendable, Message: Sendable>: Sendable, AsyncSequence {
    public enum Element: Sendable {
        case message(Message)
        /// Messages were lost: the reader must look at the whole again.
        case lagged
    }

    private enum Slot {
        case keyed(Key)
        case plain(Message)
    }

    private struct State {
        var slots: Deque<Slot> = []
        var latest: [Key: Message] = [:]
        var hasLagged = false
        var isFinished = false
        var reader: CheckedContinuation<Element?, Never>?

        mutating func append(_ message: Message, _ key: Key?, capacity: Int) {
            if let key {
                guard self.latest.updateValue(message, forKey: key) == nil else { return }
                self.slots.append(.keyed(key))
            } else {
                self.slots.append(.plain(message))
            }
            if self.slots.count > capacity { self.loseAll() }
        }

        mutating func loseAll() {
            self.slots.removeAll()
            self.latest.removeAll()
            self.hasLagged = true
        }

        mutating func pop() -> Element? {
            if self.hasLagged {
                self.hasLagged = false
                return .lagged
            }
            switch self.slots.popFirst() {
            case .keyed(let key)?: return self.latest.removeValue(forKey: key).map(Element.message)
            case .plain(let message)?: return .message(message)
            case nil: return nil
            }
        }
    }

    private let state = Mutex(State())
    private let capacity: Int

    public init(capacity: Int) {
        self.capacity = capacity
    }

    /// Leaves a message; with a key it takes the place of the one with that key which is still unread.
    public func post(_ message: Message, key: Key? = nil) {
        self.post(CollectionOfOne((message: message, key: key)))
    }

    /// Leaves several messages at once: a reader who waits is woken once for all of them.
    public func post(_ messages: some Sequence<(message: Message, key: Key?)>) {
        self.change { state in
            for (message, key) in messages { state.append(message, key, capacity: self.capacity) }
        }
    }

    /// Whether a message with this key is unread: then what the reader has of it is outdated.
    public func holds(_ key: Key) -> Bool {
        self.state.withLock { $0.latest[key] != nil }
    }

    /// Tells the reader that messages were lost before they came here.
    public func lag() {
        self.change { $0.loseAll() }
    }

    /// Changes what is unread, and gives the reader who waits the first of it.
    private func change(_ body: (inout State) -> Void) {
        let wake = self.state.withLock { state -> (reader: CheckedContinuation<Element?, Never>, element: Element)? in
            guard !state.isFinished else { return nil }
            body(&state)
            guard let reader = state.reader, let element = state.pop() else { return nil }
            state.reader = nil
            return (reader, element)
        }
        wake?.reader.resume(returning: wake?.element)
    }

    /// Ends the sequence for its reader; what is unread is dropped.
    public func finish() {
        let reader = self.state.withLock { state in
            state.isFinished = true
            state.slots.removeAll()
            state.latest.removeAll()
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(mailbox: self)
    }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let mailbox: Mailbox

        public func next() async -> Element? {
            await self.mailbox.next()
        }
    }

    /// Waits for the next message and takes whatever else is there already, in its order; empty once finished or when
    /// the reading task is cancelled. For readers whose work has a price for each turn.
    public func batch(upTo limit: Int) async -> [Element] {
        guard let first = await self.next() else { return [] }
        return self.state.withLock { state in
            var batch = [first]
            while batch.count < limit, let element = state.pop() { batch.append(element) }
            return batch
        }
    }

    /// The next message; `nil` once finished or when the reading task is cancelled.
    private func next() async -> Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = self.state.withLock { state -> Element?? in
                    if let element = state.pop() { return element }
                    if state.isFinished || Task.isCancelled { return .some(nil) }
                    state.reader = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            self.finish()
        }
    }
}
