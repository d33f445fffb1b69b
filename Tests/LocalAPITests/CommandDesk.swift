import StationCore
import Synchronization

/// Plays the broker's side of commands: notes what arrives, and refuses or keeps waiting when told to.
final class CommandDesk: CommandChannel {
    enum Behaviour {
        case takes
        case refuses(any Error)
        /// Does not answer until `release()`, or until the sender gives up.
        case waits
    }

    private struct State {
        var behaviour = Behaviour.takes
        var sent: [DeviceCommand] = []
        var waiting = 0
    }

    private let state = Mutex(State())
    private let gate = AsyncStream<Never>.makeStream()

    var sent: [DeviceCommand] { self.state.withLock { $0.sent } }

    /// How many senders wait for `release()`.
    var waiting: Int { self.state.withLock { $0.waiting } }

    func behave(_ behaviour: Behaviour) {
        self.state.withLock { $0.behaviour = behaviour }
    }

    func release() {
        self.gate.continuation.finish()
    }

    func send(_ command: DeviceCommand, to target: CommandTarget) async throws {
        let behaviour = self.state.withLock { state in
            if case .waits = state.behaviour { state.waiting += 1 }
            return state.behaviour
        }
        switch behaviour {
        case .takes: break
        case .refuses(let error): throw error
        case .waits:
            for await _ in self.gate.stream {}
            try Task.checkCancellation()
        }
        self.state.withLock { $0.sent.append(command) }
    }
}
