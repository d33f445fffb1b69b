import StationCore
import Synchronization

/// The `Date` of answers (RFC 9110, 6.6.1), made once a second.
final class ResponseDate: Sendable {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private let latest = Mutex<(second: Int64, text: String)>((-1, ""))

    func text(at time: Timestamp) -> String {
        let second = max(time.milliseconds, 0) / 1000
        return self.latest.withLock { latest in
            if latest.second != second { latest = (second, Self.format(time)) }
            return latest.text
        }
    }

    /// From `2026-11-21T08:30:00.000Z` to `Sat, 21 Nov 2026 08:30:00 GMT`.
    static func format(_ time: Timestamp) -> String {
        let parts = time.description.split { "-T.".contains($0) }
        let day = Int(max(time.milliseconds, 0) / 86_400_000 % 7)
        guard parts.count == 5, let month = Int(parts[1]), Self.months.indices.contains(month - 1) else { return "" }
        return "\(Self.days[day]), \(parts[2]) \(Self.months[month - 1]) \(parts[0]) \(parts[3]) GMT"
    }
}
