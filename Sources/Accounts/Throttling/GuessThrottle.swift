public import StationCore
import Synchronization

/// Counts failures to prove who one is, for each account and for each address; beyond a limit nothing is tried any more
/// until the window is over (contract 2, "Hooks").
///
/// The counters stand in a fixed table, found by a hash that nobody outside knows: the memory is bounded, and no flood
/// of names can push a counter out.
public final class GuessThrottle: Sendable {
    /// Whose failures are counted.
    public enum Key: Sendable, Hashable {
        /// By its e-mail address, whether there is such an account or not.
        case account(String)
        /// Passwords, codes and refresh tokens, by the peer's network address.
        case address(String)
        /// Agent tokens by the peer's address: a program that has the right one is not to suffer from people's mistakes.
        case agentToken(from: String)
        /// Device tokens by the peer's address.
        case deviceToken(from: String)
        /// The tries of one-time codes for an address.
        case code(String)
    }

    /// Failures within the window that are forgiven.
    public static let limit = 10
    private static let windowSeconds: UInt32 = 15 * 60
    private static let tableSize = 16_384

    /// Small, because the table is large: a second is nothing to a window.
    private struct Counter {
        var failures: UInt16 = 0
        /// In seconds since the throttle began.
        var windowEnd: UInt32 = 0
    }

    private let counters = Mutex([Counter](repeating: Counter(), count: GuessThrottle.tableSize))
    private let clock: any StationClock
    private let origin: MonotonicInstant

    public init(clock: any StationClock) {
        self.clock = clock
        self.origin = clock.now
    }

    private var second: UInt32 {
        UInt32(clamping: self.origin.duration(to: self.clock.now).components.seconds)
    }

    /// Lets somebody try to prove who they are: right, it is no failure, and one that the station could not judge counts
    /// for nothing.
    ///
    /// - Throws: `AccountError.throttled`; what `body` throws.
    func attempt<Result>(
        _ keys: [Key], isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws(AccountError) -> Result
    ) async throws(AccountError) -> Result {
        try self.begin(keys)
        let result: Result
        do throws(AccountError) {
            result = try await body()
        } catch {
            if error.isOurs { self.withdraw(keys) }
            throw error
        }
        self.succeeded(keys)
        return result
    }

    /// Counts an attempt as failed before it is made, so that many at once are no way round the limit; `succeeded`
    /// takes that back.
    ///
    /// - Throws: `AccountError.throttled`; then the attempt must not be made.
    public func begin(_ keys: [Key]) throws(AccountError) {
        let now = self.second
        let wait = self.counters.withLock { counters -> UInt32? in
            let indices = Set(keys.map(Self.index))
            let blocked = indices.filter { counters[$0].windowEnd > now && counters[$0].failures >= Self.limit }
            if let longest = blocked.map({ counters[$0].windowEnd - now }).max() { return longest }
            for index in indices {
                if counters[index].windowEnd <= now {
                    counters[index] = Counter(failures: 0, windowEnd: now + Self.windowSeconds)
                }
                counters[index].failures += 1
            }
            return nil
        }
        if let wait { throw .throttled(retryAfter: .seconds(wait)) }
    }

    /// The attempt was right: it counts as no failure, and what the account had failed before is forgiven.
    public func succeeded(_ keys: [Key]) {
        self.counters.withLock { counters in
            for key in keys {
                let index = Self.index(key)
                switch key {
                case .account, .code: counters[index] = Counter()
                case .address, .agentToken, .deviceToken:
                    counters[index].failures -= min(1, counters[index].failures)
                }
            }
        }
    }

    /// The attempt could not be judged, for a reason that lies with the station: it counts for nothing.
    public func withdraw(_ keys: [Key]) {
        self.counters.withLock { counters in
            for index in keys.map(Self.index) { counters[index].failures -= min(1, counters[index].failures) }
        }
    }

    /// Swift seeds its hashes anew in every process.
    private static func index(_ key: Key) -> Int {
        Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) % UInt(self.tableSize))
    }
}
