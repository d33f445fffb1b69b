import Synchronization

/// What memory knows of the outbox, and who waits for something to be in it.
final class OutboxBoard: Sendable {
    private struct State {
        var tally = OutboxTally()
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWatcher = 0
    }

    private let state = Mutex(State())

    var tally: OutboxTally { self.state.withLock { $0.tally } }

    /// Notes how the table stands, and wakes whoever waits for more to be in it.
    func note(_ tally: OutboxTally, hasNews: Bool) {
        let watchers = self.state.withLock { state in
            state.tally = tally
            return hasNews ? Array(state.watchers.values) : []
        }
        for watcher in watchers { watcher.yield() }
    }

    /// Something whenever rows have come, until the reading task is cancelled; several at once count as one.
    func news() -> AsyncStream<Void> {
        let (news, watcher) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = self.state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = watcher
            return state.nextWatcher
        }
        watcher.onTermination = { [weak self] _ in
            self?.state.withLock { $0.watchers[number] = nil }
        }
        return news
    }
}
