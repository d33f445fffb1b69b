import DequeModule
import MQTTTransport
import Synchronization

/// Messages between the connection's thread and the bridge: bounded in number and in bytes, taken out in batches.
///
/// When it is full the oldest go: of a device's state the newest is worth most.
final class MQTTInbox: Sendable {
    private struct State {
        var messages: Deque<InboundMessage> = []
        var bytes = 0
        var dropped = 0
        var isFinished = false
        var reader: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let maximumMessages: Int
    private let maximumBytes: Int

    init(maximumMessages: Int = 20_000, maximumBytes: Int = 16 << 20) {
        self.maximumMessages = maximumMessages
        self.maximumBytes = maximumBytes
    }

    /// Leaves a message; never waits.
    func offer(_ message: InboundMessage) {
        let reader = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isFinished else { return nil }
            state.messages.append(message)
            state.bytes += Self.size(of: message)
            while state.messages.count > self.maximumMessages || state.bytes > self.maximumBytes {
                guard let oldest = state.messages.popFirst() else { break }
                state.bytes -= Self.size(of: oldest)
                state.dropped += 1
            }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    /// Ends it: what is inside can still be taken out, nothing new comes in.
    func finish() {
        let reader = self.state.withLock { state in
            state.isFinished = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    /// Waits for messages and takes up to `limit` of them, with the number of those lost since the last time; `nil`
    /// once it is finished and empty. For one reader.
    func next(limit: Int) async -> (messages: [InboundMessage], dropped: Int)? {
        while true {
            let batch = self.state.withLock { state -> ([InboundMessage], Int, Bool) in
                let count = min(limit, state.messages.count)
                let messages = Array(state.messages.prefix(count))
                state.messages.removeFirst(count)
                state.bytes -= messages.reduce(0) { $0 + Self.size(of: $1) }
                guard !messages.isEmpty else { return ([], 0, state.isFinished) }
                defer { state.dropped = 0 }
                return (messages, state.dropped, state.isFinished)
            }
            if !batch.0.isEmpty { return (batch.0, batch.1) }
            if batch.2 { return nil }
            await withCheckedContinuation { continuation in
                let isReady = self.state.withLock { state in
                    let isReady = !state.messages.isEmpty || state.isFinished
                    if !isReady { state.reader = continuation }
                    return isReady
                }
                if isReady { continuation.resume() }
            }
        }
    }

    /// What counts towards the limit: a topic can be as long as a payload.
    private static func size(of message: InboundMessage) -> Int {
        message.topic.utf8.count + message.payload.count
    }

    /// How many messages wait.
    var count: Int {
        self.state.withLock { $0.messages.count }
    }
}
