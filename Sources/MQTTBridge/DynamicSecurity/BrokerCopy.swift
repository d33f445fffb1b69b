public import StationData
import Synchronization

/// The agent's own copy of what the broker should have: whoever starts a broker whose file is missing or torn puts it in
/// the place of that (contract 6).
public final class BrokerCopy: Sendable {
    private let agent: PasswordVerifier
    private let write: @Sendable ([UInt8]) throws -> Void
    /// What was written last, as its hash: it can be megabytes.
    private let written: Mutex<Int?>

    /// - Parameters:
    ///   - agent: By what the agent's password is known.
    ///   - present: What was written last; `nil` for nothing.
    ///   - write: Writes it so that a power cut leaves either the old or the new one, closed to others.
    public init(agent: PasswordVerifier, present: [UInt8]?, write: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.agent = agent
        self.written = Mutex(present?.hashValue)
        self.write = write
    }

    /// Writes what the broker should have, unless that is there already.
    ///
    /// - Throws: What the writing throws.
    func keep(_ plan: BrokerPlan) throws {
        let bytes = DynamicSecurityFile(plan, agent: self.agent).bytes
        let hash = bytes.hashValue
        guard self.written.withLock({ $0 }) != hash else { return }
        try self.write(bytes)
        self.written.withLock { $0 = hash }
    }
}
