import StationCore
import Synchronization

/// What memory knows of the outbox, and who waits for something to be in it.
final class OutboxBoard: Sendable {
    private let state = Mutex(OutboxTally())
    private let bells = Bells<Void>()

    var tally: OutboxTally { self.state.withLock { $0 } }

    /// Notes how the table stands, and wakes whoever waits for more to be in it.
    func note(_ tally: OutboxTally, hasNews: Bool) {
        self.state.withLock { $0 = tally }
        if hasNews { self.bells.ring() }
    }

    /// Something whenever rows have come, until the reading task is cancelled; several at once count as one.
    func news() -> AsyncStream<Void> {
        self.bells.listen()
    }
}
