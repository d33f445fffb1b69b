import Synchronization

/// Where the server listens, for those who wait for it.
final class ListenerState: Sendable {
    private enum Phase {
        case starting
        case listening(port: Int)
        case ended(any Error)
    }

    private struct State {
        var phase = Phase.starting
        var waiters: [AsyncStream<Never>.Continuation] = []
    }

    private let state = Mutex(State())

    var isListening: Bool {
        self.state.withLock { state in
            if case .listening = state.phase { true } else { false }
        }
    }

    func listens(on port: Int) {
        self.move(to: .listening(port: port))
    }

    func ended(_ error: any Error) {
        self.move(to: .ended(error))
    }

    private func move(to phase: Phase) {
        let waiters = self.state.withLock { state in
            state.phase = phase
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.finish() }
    }

    /// Waits until the server listens and tells the port.
    ///
    /// - Throws: Why it does not and will not listen; `CancellationError`.
    var port: Int {
        get async throws {
            while true {
                let (stream, continuation) = AsyncStream<Never>.makeStream()
                let answer = self.state.withLock { state -> Result<Int, any Error>? in
                    switch state.phase {
                    case .starting:
                        state.waiters.append(continuation)
                        return nil
                    case .listening(let port): return .success(port)
                    case .ended(let error): return .failure(error)
                    }
                }
                if let answer { return try answer.get() }
                for await _ in stream {}
                try Task.checkCancellation()
            }
        }
    }
}
