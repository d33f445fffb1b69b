import StationCore
import Synchronization

/// The rights that the policy in force gives to the subjects of tokens. They are kept while the policy is the same: it
/// may have a thousand rules, and brokers ask at every message (contract 6, "HTTP fronts").
final class PolicyRights: Sendable {
    private static let capacity = 1024

    private struct Kept {
        var policy: BrokerPolicy
        var rights: [TokenSubject: BrokerRights] = [:]
    }

    private let board: BrokerPolicyBoard
    private let kept: Mutex<Kept>

    init(_ board: BrokerPolicyBoard) {
        self.board = board
        self.kept = Mutex(Kept(policy: board.policy))
    }

    func rights(of subject: TokenSubject) -> BrokerRights {
        let policy = self.board.policy
        return self.kept.withLock { kept in
            // Nearly always it is the very same value, which shows without a look at the rules.
            if kept.policy != policy { kept = Kept(policy: policy) }
            if let known = kept.rights[subject] { return known }
            let rights = policy.rights(of: subject)
            if kept.rights.count >= Self.capacity { kept.rights.removeAll(keepingCapacity: true) }
            kept.rights[subject] = rights
            return rights
        }
    }
}
