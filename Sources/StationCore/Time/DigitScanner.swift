/// Walks over the fixed-width digits of an ISO 8601 text.
struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String.UTF8View) {
        self.rest = text[...]
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard self.rest.first == UInt8(ascii: scalar) else { return false }
        self.rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = self.digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    private mutating func digit() -> Int64? {
        guard let byte = self.rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        self.rest.removeFirst()
        return Int64(byte - UInt8(ascii: "0"))
    }

    /// `HH:MM[:SS[.fraction]]` in milliseconds; a leap second counts as the second before it.
    mutating func timeOfDay() -> Int64? {
        guard let hour = self.number(digits: 2), hour < 24, self.take(":"),
            let minute = self.number(digits: 2), minute < 60
        else { return nil }
        var total = (hour * 60 + minute) * 60_000
        guard self.take(":") else { return total }
        guard let second = self.number(digits: 2), second <= 60 else { return nil }
        total += min(second, 59) * 1000
        guard self.take(".") || self.take(",") else { return total }
        guard var fraction = self.digit().map({ $0 * 100 }) else { return nil }
        var weight: Int64 = 10
        while let digit = self.digit() {
            fraction += digit * weight
            weight /= 10
        }
        total += fraction
        return total
    }

    /// The offset from UTC in milliseconds; zero when the text ends here.
    mutating func zoneOffset() -> Int64? {
        if self.isAtEnd || self.take("Z") || self.take("z") { return 0 }
        let isWest = self.take("-")
        guard isWest || self.take("+"), let hours = self.number(digits: 2), hours < 24 else { return nil }
        var minutes: Int64 = 0
        if !self.isAtEnd {
            _ = self.take(":")
            guard let value = self.number(digits: 2), value < 60 else { return nil }
            minutes = value
        }
        return (hours * 60 + minutes) * 60_000 * (isWest ? -1 : 1)
    }
}
