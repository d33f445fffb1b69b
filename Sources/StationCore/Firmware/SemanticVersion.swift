/// A version by the rules of Semantic Versioning 2.0.0, compared as a version and never as text: 0.1.9 < 0.1.10.
///
/// More is read than the standard writes, because firmware in the field does: a `v` in front, and fewer or more than
/// three numbers; what is missing counts as 0. Versions that differ in their build metadata only are equal (10).
public struct SemanticVersion: Sendable, CustomStringConvertible {
    /// The space that an ESP32 image has for its version, without the NUL at its end.
    public static let maximumLength = 31
    public static let rule = "a version such as 1.2.3 or 1.2.3-beta.1, of at most \(maximumLength) characters"

    /// As it was written.
    public let description: String
    /// Without zeros at the end, so that 1.2 and 1.2.0 have the same.
    private let numbers: [Part]
    private let preRelease: [Part]

    /// `nil` for what is no version (`rule`).
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        var rest = text[...]
        if rest.hasPrefix("v") || rest.hasPrefix("V") { rest = rest.dropFirst() }
        var preRelease: [Part] = []
        if let plus = rest.firstIndex(of: "+") {
            guard Self.parts(rest[rest.index(after: plus)...]) != nil else { return nil }
            rest = rest[..<plus]
        }
        if let hyphen = rest.firstIndex(of: "-") {
            guard let parts = Self.parts(rest[rest.index(after: hyphen)...]) else { return nil }
            preRelease = parts
            rest = rest[..<hyphen]
        }
        guard var numbers = Self.parts(rest), numbers.allSatisfy(\.isNumber) else { return nil }
        while numbers.last?.isZero == true { numbers.removeLast() }
        self.description = String(text)
        self.numbers = numbers
        self.preRelease = preRelease
    }

    /// Whether it is a pre-release, such as 1.0.0-beta.
    public var isPreRelease: Bool { !self.preRelease.isEmpty }

    /// `nil` unless each of the identifiers between the dots has one or more of 0–9, A–Z, a–z and the hyphen.
    private static func parts(_ text: some StringProtocol) -> [Part]? {
        var parts: [Part] = []
        for piece in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard let part = Part(piece) else { return nil }
            parts.append(part)
        }
        return parts
    }
}

extension SemanticVersion: Comparable, Hashable {
    public static func == (one: SemanticVersion, other: SemanticVersion) -> Bool {
        one.numbers == other.numbers && one.preRelease == other.preRelease
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.numbers)
        hasher.combine(self.preRelease)
    }

    public static func < (one: SemanticVersion, other: SemanticVersion) -> Bool {
        if one.numbers != other.numbers { return one.numbers.lexicographicallyPrecedes(other.numbers) }
        // A pre-release comes before its release (11.3).
        if one.preRelease.isEmpty || other.preRelease.isEmpty { return one.isPreRelease && !other.isPreRelease }
        return one.preRelease.lexicographicallyPrecedes(other.preRelease)
    }
}

extension SemanticVersion {
    /// What stands between two dots: digits are a number of any size, anything else is text (11.4).
    private struct Part: Hashable, Comparable, Sendable {
        /// Digits without zeros in front, or the text.
        private let bytes: [UInt8]
        let isNumber: Bool

        init?(_ text: some Collection<UInt8>) {
            guard !text.isEmpty else { return nil }
            var isNumber = true
            for byte in text {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): continue
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
                    isNumber = false
                default: return nil
                }
            }
            self.isNumber = isNumber
            self.bytes = isNumber ? Array(text.drop { $0 == UInt8(ascii: "0") }) : Array(text)
        }

        var isZero: Bool { self.isNumber && self.bytes.isEmpty }

        static func < (one: Part, other: Part) -> Bool {
            guard one.isNumber == other.isNumber else { return one.isNumber }
            if one.isNumber, one.bytes.count != other.bytes.count { return one.bytes.count < other.bytes.count }
            return one.bytes.lexicographicallyPrecedes(other.bytes)
        }
    }
}
