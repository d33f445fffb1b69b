import Logging

extension ConfigurationValueType where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            read: { (text) throws(InvalidValue) in try Self.number(text, in: range) },
            write: { String($0) })
    }

    /// A port on which something is reached; with `orAny` also 0, with which the system picks a free one.
    static func port(orAny: Bool = false) -> Self {
        Self(
            allowed: orAny ? "a port from 1 to 65535, or 0 for any free one" : "a port from 1 to 65535",
            read: { (text) throws(InvalidValue) in try Self.number(text, in: (orAny ? 0 : 1)...65_535) },
            write: { String($0) })
    }

    private static func number(_ text: String, in range: ClosedRange<Int>) throws(InvalidValue) -> Int {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw InvalidValue("it is not a whole number")
        }
        // What 64 bits cannot hold is beyond every range.
        let number = Int(text) ?? (text.hasPrefix("-") ? .min : .max)
        guard number >= range.lowerBound else { throw InvalidValue("it is too small") }
        guard number <= range.upperBound else { throw InvalidValue("it is too large") }
        return number
    }
}

extension ConfigurationValueType where Value == Bool {
    static var boolean: Self {
        Self(
            allowed: "true, yes or 1; false, no or 0",
            read: { (text) throws(InvalidValue) in
                switch text.lowercased() {
                case "true", "yes", "1": return true
                case "false", "no", "0": return false
                default: throw InvalidValue("it is neither true nor false")
                }
            },
            write: { $0 ? "true" : "false" })
    }
}

extension ConfigurationValueType where Value == Duration {
    /// A length of time; `bareSeconds` says whether a number without a unit means seconds.
    static func duration(_ range: ClosedRange<Duration>, bareSeconds: Bool = true) -> Self {
        let limits = "from \(DurationText.write(range.lowerBound)) to \(DurationText.write(range.upperBound))"
        return Self(
            allowed: "\(limits), such as 250ms, 5s, 15m, 12h, 7d\(bareSeconds ? "; a plain number means seconds" : "")",
            read: { (text) throws(InvalidValue) in
                let duration = try DurationText.read(text, bareSeconds: bareSeconds)
                guard duration >= range.lowerBound else { throw InvalidValue("it is too short") }
                guard duration <= range.upperBound else { throw InvalidValue("it is too long") }
                return duration
            },
            write: DurationText.write)
    }
}

extension ConfigurationValueType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a few words, in either case.
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(
            allowed: words.joined(separator: ", "),
            read: { (text) throws(InvalidValue) in
                guard let value = Value(rawValue: text.lowercased()) else {
                    throw InvalidValue("it is none of the words known here")
                }
                return value
            },
            write: { $0.rawValue })
    }
}
