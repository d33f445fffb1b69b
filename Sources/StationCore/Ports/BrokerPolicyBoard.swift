import Synchronization

/// Holds the broker policy in force, and tells those who listen when it becomes another.
public final class BrokerPolicyBoard: Sendable {
    private let state: Mutex<BrokerPolicy>
    private let bells = Bells<Void>()

    /// A board with the first policy, by default the one that gives nothing.
    public init(_ policy: BrokerPolicy = .empty) {
        self.state = Mutex(policy)
    }

    /// The policy in force.
    public var policy: BrokerPolicy { self.state.withLock { $0 } }

    /// Puts a policy in force. Returns true when it is another than before.
    @discardableResult
    public func replace(by policy: BrokerPolicy) -> Bool {
        let isNew = self.state.withLock { current in
            defer { current = policy }
            return current != policy
        }
        if isNew { self.bells.ring() }
        return isNew
    }

    /// One element after each change from now on, until the reading task is cancelled. A slow reader misses
    /// repetitions, not the last change: `policy` itself tells what is in force.
    public func changes() -> AsyncStream<Void> {
        self.bells.listen()
    }
}
