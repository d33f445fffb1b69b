import StationCore
import Synchronization

/// Keeps one-time codes apart in time, for every address alike: whether it has an account must not show.
final class CodeCooldowns: Sendable {
    private static let tableSize = 4096

    private let nextAt = Mutex([MonotonicInstant?](repeating: nil, count: CodeCooldowns.tableSize))
    private let clock: any StationClock
    private let cooldown: Duration

    init(clock: any StationClock, cooldown: Duration) {
        self.clock = clock
        self.cooldown = cooldown
    }

    /// - Throws: `AccountError.codeSentRecently` with the time that is left.
    func take(_ address: EmailAddress) throws(AccountError) {
        let now = self.clock.now
        let index = Int(truncatingIfNeeded: UInt(bitPattern: address.hashValue) % UInt(Self.tableSize))
        let wait = self.nextAt.withLock { nextAt -> Duration? in
            if let next = nextAt[index], next > now { return now.duration(to: next) }
            nextAt[index] = now.advanced(by: self.cooldown)
            return nil
        }
        if let wait { throw .codeSentRecently(retryAfter: wait) }
    }
}
