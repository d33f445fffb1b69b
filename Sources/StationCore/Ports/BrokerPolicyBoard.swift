import Synchronization

/// Holds the broker policy in force, and tells those who listen when it becomes another.
public final class BrokerPolicyBoard: Sendable {
    private struct State {
        var policy: BrokerPolicy
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWatcher = 0
    }

    private let state: Mutex<State>

    /// A board with the first policy, by default the one that gives nothing.
    public init(_ policy: BrokerPolicy = .empty) {
        self.state = Mutex(State(policy: policy))
    }

    /// The policy in force.
    public var policy: BrokerPolicy {
        self.state.withLock { $0.policy }
    }

    /// Puts a policy in force. Returns true when it is another than before.
    @discardableResult
    public func replace(by policy: BrokerPolicy) -> Bool {
        let watchers = self.state.withLock { state -> [AsyncStream<Void>.Continuation]? in
            guard state.policy != policy else { return nil }
            state.policy = policy
            return Array(state.watchers.values)
        }
        for watcher in watchers ?? [] { watcher.yield() }
        return watchers != nil
    }

    /// One element after each change from now on, until the reading task is cancelled. A slow reader misses
    /// repetitions, not the last change: `policy` itself tells what is in force.
    public func changes() -> AsyncStream<Void> {
        let (changes, watcher) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = self.state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = watcher
            return state.nextWatcher
        }
        watcher.onTermination = { [weak self] _ in
            self?.state.withLock { $0.watchers[number] = nil }
        }
        return changes
    }
}
