import Synchronization

/// Who keeps being refused at a broker and why: noted by whatever sees the refusals, told by health and `doctor`
/// (contract 6).
public final class RefusedLogins: Sendable {
    /// Why somebody is refused, as far as it can be told.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// A device or person that the station knows, with another password than the present one.
        case wrongPassword = "wrong_password"
        /// A device that was removed from the station.
        case removed
        /// Nobody that the station knows: old firmware without credentials, or credentials that it never gave.
        case unknown

        /// For people.
        public var explanation: String {
            switch self {
            case .wrongPassword: "its token is not the present one; renew it and provision the device again"
            case .removed: "it was removed from this station"
            case .unknown: "no credentials (old firmware), or some that this station never gave"
            }
        }
    }

    /// Somebody who keeps being refused.
    public struct Entry: Sendable, Hashable, CustomStringConvertible {
        /// The device's name, or the address that it comes from where no more is known.
        public let who: String
        public let reason: Reason
        /// Since it was noticed.
        public let count: Int

        public init(who: String, reason: Reason, count: Int) {
            self.who = who
            self.reason = reason
            self.count = count
        }

        /// For people.
        public var description: String { "\(self.who) (\(self.count) times; \(self.reason.explanation))" }
    }

    /// Refused so often in `period` is no accident.
    public static let threshold = 3
    public static let period = Duration.seconds(600)
    /// So many are remembered; of more, those that have been quiet longest go.
    public static let capacity = 256

    private struct Record {
        var reason: Reason
        var count: Int
        var last: MonotonicInstant
    }

    private let records = Mutex<[String: Record]>([:])

    public init() {}

    /// Notes a refusal.
    public func note(_ who: String, _ reason: Reason, at now: MonotonicInstant) {
        self.records.withLock { records in
            if let record = records[who], record.last.duration(to: now) < Self.period {
                records[who] = Record(reason: reason, count: record.count + 1, last: now)
                return
            }
            if records.count >= Self.capacity, let oldest = records.min(by: { $0.value.last < $1.value.last })?.key {
                records[oldest] = nil
            }
            records[who] = Record(reason: reason, count: 1, last: now)
        }
    }

    /// Forgets somebody who got in.
    public func forget(_ who: String) {
        self.records.withLock { $0[who] = nil }
    }

    /// Who keeps being refused, by name.
    public func current(at now: MonotonicInstant) -> [Entry] {
        self.records.withLock { records in
            records.filter { $0.value.count >= Self.threshold && $0.value.last.duration(to: now) < Self.period }
                .map { Entry(who: $0.key, reason: $0.value.reason, count: $0.value.count) }
        }.sorted { $0.who < $1.who }
    }
}
