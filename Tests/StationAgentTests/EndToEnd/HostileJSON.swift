import StationCore
import StationTestSupport

/// JSON that is wrong, strange or merely too much.
enum HostileJSON {
    /// Values of every kind, of which most are wrong in most places.
    static let values: [String] = [
        "null", "true", "0", "-1", "1e308", "-0.0", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "1e400", "123456789012345678901234567890", "0.1e-400", "\"\"", "\" \"", "\"x\"",
        #""\u0000""#, #""\ud800""#, #""\udc00\ud800""#, #""a\u202eb""#, #""\n\r\t""#, #""💡""#, #""1""#, #""true""#,
        #""'; DROP TABLE users; --""#, #""../../../etc/passwd""#, #""%00%2e%2e%2f""#, #""{{7*7}}""#, "[]", "{}",
        "[null]", #"{"a":{}}"#, "[[[[]]]]", #"["x","x"]"#, #""00000000-0000-0000-0000-000000000000""#,
        #""0001-01-01T00:00:00Z""#, #""9999-12-31T23:59:60.999999999Z""#, #""2026-02-30T25:61:61+99:99""#,
        "\"\(String(repeating: "l", count: 300))\"", "\"\(String(repeating: "é", count: 5000))\"",
        "\"\(String(repeating: "a@", count: 200))\"",
    ]
    private static let fragments = [
        "{", "}", "[", "]", ":", ",", "\"", "\\u", "d800", "\\", "null", "true", "nul", "1e999", "-0", "01", "+1", ".5",
        "NaN", "Infinity", "'x'", "\"name\"", "\"email\"", "\"state\"", "\"value\"", " ", "\u{0}", "é", "\u{feff}",
        "//",
        "/**/", "7", "\t", "\u{7f}",
    ]

    /// A text that is no good JSON, or hardly.
    static func text(_ random: inout RepeatableRandom, around good: [UInt8]) -> [UInt8] {
        switch Int.random(in: 0..<7, using: &random) {
        case 0:
            let count = Int.random(in: 1...40, using: &random)
            return (0..<count).flatMap { _ in Array(random.pick(Self.fragments).utf8) }
        case 1: return Self.nested(&random)
        case 2: return Self.number(&random)
        case 3: return Self.doubled(good)
        case 4: return random.bytes(Int.random(in: 0...300, using: &random))
        default: return Self.mutated(good, &random)
        }
    }

    private static func nested(_ random: inout RepeatableRandom) -> [UInt8] {
        let depth = random.pick([10, 63, 64, 65, 66, 1000, 50_000])
        let open = random.pick(["[", #"{"a":"#, #"[{"name":"#])
        return Array(String(repeating: open, count: depth).utf8)
            + Array((random.once(in: 2) ? String(repeating: "]", count: depth) : "").utf8)
    }

    private static func number(_ random: inout RepeatableRandom) -> [UInt8] {
        let digits = String(repeating: random.pick(["9", "0", "1"]), count: random.pick([1, 20, 400, 10_000]))
        let number = random.pick(["", "-", "0.", "1e", "1e-", "-0."]) + digits
        return Array(#"{"\#(random.pick(["name", "value", "precision", "for_seconds"]))":\#(number)}"#.utf8)
    }

    /// Every member twice.
    private static func doubled(_ good: [UInt8]) -> [UInt8] {
        guard good.count > 2, good.first == UInt8(ascii: "{") else { return Array(#"{"a":1,"a":2}"#.utf8) }
        return good.dropLast() + [UInt8(ascii: ",")] + good.dropFirst()
    }

    private static func mutated(_ good: [UInt8], _ random: inout RepeatableRandom) -> [UInt8] {
        var text = good
        for _ in 0..<Int.random(in: 1...3, using: &random) where !text.isEmpty {
            let index = Int.random(in: text.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: text[index] = UInt8.random(in: .min ... .max, using: &random)
            case 1: text.remove(at: index)
            case 2: text.insert(contentsOf: Array(random.pick(Self.fragments).utf8), at: index)
            default: text.removeSubrange(index...)
            }
        }
        return text
    }
}
