import StationCore

/// Lengths of time as people write them: `250ms`, `5s`, `15m`, `7d`, `30 d`, `1.5 hours`.
enum DurationText {
    /// Milliseconds of each unit, with the names that the `ms` notation knows. “m” is a minute, never a month.
    private static let units: [(names: Set<String>, milliseconds: Double)] = [
        (["ms", "msec", "msecs", "millisecond", "milliseconds"], 1),
        (["s", "sec", "secs", "second", "seconds"], 1_000),
        (["m", "min", "mins", "minute", "minutes"], 60_000),
        (["h", "hr", "hrs", "hour", "hours"], 3_600_000),
        (["d", "day", "days"], 86_400_000),
        (["w", "week", "weeks"], 604_800_000),
    ]

    /// Reads a number and a unit, rounded to a millisecond.
    ///
    /// - Throws: `InvalidValue` also for a bare number, unless `bareSeconds` gives it a meaning.
    static func read(_ text: String, bareSeconds: Bool) throws(InvalidValue) -> Duration {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text[number.endIndex...].drop { $0 == " " }.lowercased()
        guard number.first?.isNumber == true, number.last != ".", let value = Double(number) else {
            throw InvalidValue("it is not a length of time")
        }
        let scale: Double
        if unit.isEmpty {
            guard bareSeconds || value == 0 else { throw InvalidValue("its unit is missing") }
            scale = 1_000
        } else {
            guard let known = self.units.first(where: { $0.names.contains(unit) }) else {
                throw InvalidValue("its unit is not known")
            }
            scale = known.milliseconds
        }
        let milliseconds = (value * scale).rounded()
        guard milliseconds < 1e15 else { throw InvalidValue("it is too long") }
        return .milliseconds(Int64(milliseconds))
    }

    /// The shortest exact form: `30d`, `90m`, `1500ms`.
    static func write(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        guard milliseconds != 0 else { return "0s" }
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] as [(String, Int64)]
        where milliseconds % size == 0 {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}
