import NIOCore
import Synchronization

/// An attempt to open a connection that can be stopped at any moment: then its channels are closed, which ends every wait
/// for them.
final class OpeningAttempt: Sendable {
    private struct State {
        var channels: [any Channel] = []
        var isOver = false
        var failure: SocketClientError?
    }

    private let state = Mutex(State())

    /// Why it was stopped, if it was.
    var failure: SocketClientError? { self.state.withLock { $0.failure } }

    /// One more channel that belongs to it: there is one for each address that is tried.
    ///
    /// - Throws: `SocketClientError` when it is stopped already.
    func adopt(_ channel: any Channel) throws(SocketClientError) {
        if let failure = self.state.withLock({ state in
            state.channels.append(channel)
            return state.failure
        }) {
            throw failure
        }
    }

    /// No effect when it has succeeded or is stopped already.
    func stop(_ failure: SocketClientError) {
        let channels = self.state.withLock { state in
            guard !state.isOver else { return [any Channel]() }
            state.isOver = true
            state.failure = failure
            return state.channels
        }
        for channel in channels { channel.close(promise: nil) }
    }

    /// False when it is stopped already; otherwise it can no longer be.
    func succeed() -> Bool {
        self.state.withLock { state in
            guard !state.isOver else { return false }
            state.isOver = true
            state.channels = []
            return true
        }
    }
}
