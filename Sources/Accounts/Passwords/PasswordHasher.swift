import Dispatch
public import StationCore
import Synchronization

/// Hashes and compares passwords one after the other on a thread of its own: a hash takes so long that on the event
/// loops a few logins would stop everything else.
public final class PasswordHasher: Sendable {
    /// As many may wait at a time; more are turned away at once.
    private static let maximumWaiting = 16

    private let queue = DispatchQueue(label: "station.passwords", qos: .utility)
    private let waiting = Atomic<Int>(0)
    /// What a password is compared with when there is no account: the time taken must tell nothing.
    private let decoy: String

    public init() {
        // The system gives random bytes; were it not to, this well-formed hash of nothing serves as well.
        self.decoy =
            Bcrypt.hash(Secret("nobody has this password")) ?? "$2b$10$" + String(repeating: ".", count: 53)
    }

    /// The hash of a password, in crypt(3) form.
    ///
    /// - Throws: `AccountError.invalidPassword`, `.busy`, `.hashingFailed`.
    public func hash(_ password: Secret) async throws(AccountError) -> String {
        guard PasswordRule.admits(password) else { throw .invalidPassword }
        guard let hash = try await self.run({ Bcrypt.hash(password) }) else { throw .hashingFailed }
        return hash
    }

    /// Whether a password belongs to one of some hashes. Takes as long without any.
    ///
    /// - Throws: `AccountError.busy`.
    public func verify(_ password: Secret, against hashes: [String]) async throws(AccountError) -> Bool {
        try await self.run { [decoy = self.decoy] in
            guard !hashes.isEmpty else {
                _ = Bcrypt.verify(password, against: decoy)
                return false
            }
            return hashes.contains { Bcrypt.verify(password, against: $0) }
        }
    }

    private func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async throws(AccountError) -> Result {
        guard self.waiting.wrappingAdd(1, ordering: .relaxed).newValue <= Self.maximumWaiting else {
            self.waiting.wrappingSubtract(1, ordering: .relaxed)
            throw .busy
        }
        defer { self.waiting.wrappingSubtract(1, ordering: .relaxed) }
        return await withCheckedContinuation { continuation in
            self.queue.async { continuation.resume(returning: work()) }
        }
    }
}
