import Synchronization

/// Waits until every part that must be up has said so once; then the service manager is told `READY=1`.
public final class Readiness: Sendable {
    /// What must have happened (contract 7, "systemd").
    public enum Milestone: Sendable, Hashable, CaseIterable {
        case httpListening
        case storeMigrated
        /// The bridge has made its first attempt, successful or not.
        case bridgeTried
    }

    private struct State {
        var missing: Set<Milestone>
        var waiters: [AsyncStream<Never>.Continuation] = []
    }

    private let state: Mutex<State>

    public init(_ milestones: Set<Milestone> = Set(Milestone.allCases)) {
        self.state = Mutex(State(missing: milestones))
    }

    public func reach(_ milestone: Milestone) {
        let waiters = self.state.withLock { state -> [AsyncStream<Never>.Continuation] in
            state.missing.remove(milestone)
            guard state.missing.isEmpty else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.finish() }
    }

    public var isReached: Bool {
        self.state.withLock { $0.missing.isEmpty }
    }

    /// Returns when nothing is missing any more, or when the task is cancelled; `isReached` tells which.
    public func wait() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        let isReady = self.state.withLock { state in
            if !state.missing.isEmpty { state.waiters.append(continuation) }
            return state.missing.isEmpty
        }
        if isReady { return }
        for await _ in stream {}
    }
}
