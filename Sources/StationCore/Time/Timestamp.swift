/// A moment on the wall clock, in milliseconds since 1970-01-01T00:00:00Z.
///
/// For showing and storing only: nothing is timed with it, because a Pi's wall clock jumps (contract 7, "Clock and
/// storage"). Use `MonotonicInstant` for that.
public struct Timestamp: Hashable, Sendable, Comparable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (one: Timestamp, other: Timestamp) -> Bool {
        one.milliseconds < other.milliseconds
    }

    public func adding(_ duration: Duration) -> Timestamp {
        Timestamp(milliseconds: self.milliseconds + duration.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    public var milliseconds: Int64 {
        self.components.seconds * 1000 + self.components.attoseconds / 1_000_000_000_000_000
    }

    /// Seconds with their fraction, for showing and for metrics.
    public var seconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18
    }
}

// MARK: - ISO 8601

extension Timestamp: CustomStringConvertible {
    /// The latest time that four digits of a year can show: 9999-12-31T23:59:59.999Z.
    public static let latest = Timestamp(milliseconds: 253_402_300_799_999)

    /// ISO 8601 in UTC with milliseconds, as every payload shows it: `2026-11-21T08:30:00.000Z`.
    public var description: String {
        let total = min(max(self.milliseconds, 0), Self.latest.milliseconds)
        let (year, month, day) = Self.civil(fromDays: total / 86_400_000)
        let rest = total % 86_400_000
        return String(unsafeUninitializedCapacity: 24) { buffer in
            var position = 0
            func put(_ value: Int64, digits: Int) {
                var value = value
                for index in stride(from: digits - 1, through: 0, by: -1) {
                    buffer[position + index] = UInt8(ascii: "0") + UInt8(value % 10)
                    value /= 10
                }
                position += digits
            }
            func put(_ scalar: Unicode.Scalar) {
                buffer[position] = UInt8(ascii: scalar)
                position += 1
            }
            put(year, digits: 4)
            put("-")
            put(month, digits: 2)
            put("-")
            put(day, digits: 2)
            put("T")
            put(rest / 3_600_000, digits: 2)
            put(":")
            put(rest / 60_000 % 60, digits: 2)
            put(":")
            put(rest / 1000 % 60, digits: 2)
            put(".")
            put(rest % 1000, digits: 3)
            put("Z")
            return position
        }
    }

    /// Reads `YYYY-MM-DD`, optionally followed by `T` (or a blank) and `HH:MM[:SS[.fraction]]` and a zone (`Z` or
    /// `±HH[:]MM`; none means UTC). `nil` for anything else and for years before 1970 or after 9999.
    public init?(iso8601 text: String) {
        var scanner = DigitScanner(text.utf8)
        guard let year = scanner.number(digits: 4), scanner.take("-"),
            let month = scanner.number(digits: 2), (1...12).contains(month), scanner.take("-"),
            let day = scanner.number(digits: 2), (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        var total = Self.days(year: year, month: month, day: day) * 86_400_000
        if !scanner.isAtEnd {
            guard scanner.take("T") || scanner.take("t") || scanner.take(" "),
                let time = scanner.timeOfDay(), let offset = scanner.zoneOffset(), scanner.isAtEnd
            else { return nil }
            total += time - offset
        }
        guard (0...Self.latest.milliseconds).contains(total) else { return nil }
        self.init(milliseconds: total)
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the Gregorian calendar, counted in eras of 400 years that begin in March.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }
}
