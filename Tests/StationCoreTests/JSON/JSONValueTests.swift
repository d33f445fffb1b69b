import StationCore
import StationTestSupport
import Testing

@Suite("A JSON value")
struct JSONValueTests {
    @Test("is written on one line, members in their order, with only the escapes that must be")
    func writing() {
        let value: JSONValue = [
            "b": [1, true, .null, .number(2.5)], "a": ["z": "é😀/\u{7f}\u{2028}", "": [:]],
            "t": "\"\\\n\r\t\u{0}\u{8}\u{c}\u{1f}",
        ]
        #expect(
            value.description
                == #"{"b":[1,true,null,2.5],"a":{"z":"é😀/"# + "\u{7f}\u{2028}"
                + #"","":{}},"t":"\"\\\n\r\t\u0000\u0008\u000c\u001f"}"#
        )
        #expect(Array(value.description.utf8) == value.serialized())
    }

    @Test("writes null for a number that JSON has no word for", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(number: Double) {
        #expect(JSONValue(number) == .null)
        #expect(JSONValue.number(number).description == "null")
    }

    @Test("answers only to its own kind")
    func accessors() {
        let all: [(JSONValue, String)] = [
            (.null, "null"), (true, "a boolean"), (7, "a number"), (.number(7.5), "a number"), ("7", "a string"),
            ([7], "an array"), (["a": 7], "an object"),
        ]
        #expect(all.map(\.0.kind) == all.map(\.1))
        #expect(all.map(\.0.doubleValue) == [nil, nil, 7, 7.5, nil, nil, nil])
        #expect(all.map(\.0.boolValue) == [nil, true, nil, nil, nil, nil, nil])
        #expect(all.map(\.0.stringValue) == [nil, nil, nil, nil, "7", nil, nil])
        #expect(all.map(\.0.arrayValue) == [nil, nil, nil, nil, nil, [7], nil])
        #expect(all.map(\.0.objectValue) == [nil, nil, nil, nil, nil, nil, ["a": 7]])
        #expect(JSONValue(nil as String?) == .null)
        #expect(JSONValue("x" as String?) == "x")
    }

    @Test("comes back from its text exactly as it was", arguments: 1...20 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = RepeatableRandom(seed: seed)
        for _ in 0..<200 {
            let value = Self.value(depth: 5, using: &random)
            let bytes = value.serialized()
            let read = try JSONValue.parse(bytes)
            #expect(read == value)
            // Equality of strings is Unicode's; the bytes must be the same too.
            #expect(read.serialized() == bytes)
            #expect(!bytes.contains { $0 < 0x20 })
        }
    }

    @Test(
        "carries every naughty string, as a value and as a key",
        .enabled(if: VectorFiles.strings != nil, "../shared/vectors/strings is not here")
    )
    func naughtyStrings() throws {
        let file = try #require(VectorFiles.strings).file("blns.json")
        let strings = try #require(try JSONValue.parse(file.bytes).arrayValue).compactMap(\.stringValue)
        #expect(strings.count > 400)
        for string in strings {
            let value: JSONValue = [string: .string(string)]
            let read = try JSONValue.parse(value.serialized())
            let member = try #require(read.objectValue?.members.first)
            #expect(Array(member.key.utf8) == Array(string.utf8))
            #expect(member.value.stringValue.map { Array($0.utf8) } == Array(string.utf8))
        }
    }

    // MARK: Random values

    private static func value(depth: Int, using random: inout RepeatableRandom) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(Int64(truncatingIfNeeded: random.next() >> UInt64.random(in: 0..<64, using: &random)))
        case 3: return JSONValue(Double(bitPattern: random.next()))
        case 4: return JSONValue((Double.random(in: -1000...1000, using: &random) * 100).rounded() / 100)
        case 5: return .string(self.text(using: &random))
        case 6, 7:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<25, using: &random) {
                object[self.text(using: &random)] = self.value(depth: depth - 2, using: &random)
            }
            return .object(object)
        default:
            let count = Int.random(in: 0..<8, using: &random)
            return .array((0..<count).map { _ in self.value(depth: depth - 1, using: &random) })
        }
    }

    private static func text(using random: inout RepeatableRandom) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            let range: ClosedRange<UInt32> =
                switch Int.random(in: 0..<6, using: &random) {
                case 0: 0...0x1F
                case 1: 0x22...0x5C
                case 2: 0x300...0x36F
                case 3: 0x80...0xD7FF
                case 4: 0xE000...0x10FFFF
                default: 0x61...0x7A
                }
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { text.append(scalar) }
        }
        return String(text)
    }
}
