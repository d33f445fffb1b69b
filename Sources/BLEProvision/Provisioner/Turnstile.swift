import Synchronization

/// One after the other, in the order in which tickets were drawn. Every ticket must be given back.
final class Turnstile: Sendable {
    private struct State {
        var lastDrawn = 0
        var current = 1
        /// Given back before their turn came.
        var skipped: Set<Int> = []
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// The next ticket.
    func draw() -> Int {
        self.state.withLock { state in
            state.lastDrawn += 1
            return state.lastDrawn
        }
    }

    /// Waits for the ticket's turn, cancelled or not: those before it end by themselves, and sooner when cancelled.
    func turn(of ticket: Int) async {
        await withCheckedContinuation { continuation in
            let isNow = self.state.withLock { state in
                if ticket <= state.current { return true }
                state.waiting[ticket] = continuation
                return false
            }
            if isNow { continuation.resume() }
        }
    }

    /// Gives a ticket back: the next one's turn has come.
    func done(_ ticket: Int) {
        let next = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.skipped.insert(ticket)
            while state.skipped.remove(state.current) != nil { state.current += 1 }
            return state.waiting.removeValue(forKey: state.current)
        }
        next?.resume()
    }
}
