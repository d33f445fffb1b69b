import StationCore
import Testing

@Suite("The JSON reader")
struct JSONReaderTests {
    private func error(_ text: String) -> JSONError? {
        #expect(throws: JSONError.self, "\(text)") { try JSONValue.parse(text) }
    }

    // MARK: Numbers

    @Test(
        "keeps whole numbers whole and broken ones broken",
        arguments: [
            ("60", .integer(60), "60"),
            ("60.0", .number(60), "60.0"),
            ("6e1", .number(60), "60.0"),
            ("-7", .integer(-7), "-7"),
            ("0", .integer(0), "0"),
            ("23.5", .number(23.5), "23.5"),
            ("0.1", .number(0.1), "0.1"),
            ("1E-3", .number(0.001), "0.001"),
            ("9223372036854775807", .integer(.max), "9223372036854775807"),
            ("-9223372036854775808", .integer(.min), "-9223372036854775808"),
            ("9223372036854775808", .number(9_223_372_036_854_775_808), "9.223372036854776e+18"),
            ("1e-400", .number(0), "0.0"),
        ] as [(String, JSONValue, String)]
    )
    func numbers(text: String, value: JSONValue, written: String) throws {
        #expect(try JSONValue.parse(text) == value)
        #expect(value.description == written)
    }

    @Test("keeps the sign of minus zero, which no integer can")
    func minusZero() throws {
        for text in ["-0", "-0.0", "-0e0"] {
            let value = try #require(try JSONValue.parse(text).doubleValue)
            #expect(value == 0 && value.sign == .minus, "\(text)")
            #expect(try JSONValue.parse(text).description == "-0.0")
        }
    }

    @Test(
        "refuses numbers that JSON does not know or that no double can hold",
        arguments: [
            "1e400", "-1e400", "01", "-01", "1.", ".5", "+1", "1e", "1e+", "-", "0x10", "Infinity", "NaN", "1_000",
            "１", "1.2.3", "--1",
        ]
    )
    func badNumbers(text: String) {
        _ = self.error(text)
    }

    @Test("says of a number that is too large that it is the number's fault")
    func tooLarge() {
        let error = self.error("[1e400]")
        #expect(error?.reason == .invalidNumber)
        #expect(error?.offset == 1)
    }

    // MARK: Strings

    @Test(
        "reads every escape",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (#""\u0041\u00e9\u20AC""#, "Aé€"),
            (#""\ud83d\ude00""#, "😀"),
            (#""\u0000""#, "\0"),
            (#""\uD7FF\uE000\uFFFF""#, "\u{D7FF}\u{E000}\u{FFFF}"),
            ("\"\u{7f}é😀\"", "\u{7f}é😀"),
        ]
    )
    func escapes(text: String, value: String) throws {
        let read = try #require(try JSONValue.parse(text).stringValue)
        #expect(Array(read.unicodeScalars) == Array(value.unicodeScalars))
    }

    @Test(
        "refuses lone surrogates and unknown escapes",
        arguments: [
            #""\ud83d""#, #""\ude00""#, #""\ud83d\u0041""#, #""\ud83dx""#, #""\ude00\ud83d""#, #""\ud83d\n""#,
            #""\x41""#, #""\u00g0""#, #""\u004""#, #""\U0041""#, #""\u١٢٣٤""#, #""\'""#,
        ]
    )
    func badEscapes(text: String) {
        #expect(self.error(text)?.reason == .invalidEscape)
    }

    @Test("refuses a raw control character in a string", arguments: 0..<0x20 as Range<UInt8>)
    func controlCharacters(byte: UInt8) throws {
        let plain = #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0x61, byte, 0x62, 0x22]) }
        #expect(plain?.reason == .controlCharacter)
        #expect(plain?.offset == 2)
        let afterEscape = #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0x5C, 0x6E, byte, 0x22]) }
        #expect(afterEscape?.reason == .controlCharacter)
        #expect(afterEscape?.offset == 3)
    }

    @Test(
        "refuses bytes that are not UTF-8, in a string and outside",
        arguments: [
            [0xFF], [0x80], [0xC0, 0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) {
        for text in [[0x22] + bytes + [0x22], [0x22, 0x5C, 0x6E] + bytes + [0x22], bytes] {
            let error = #expect(throws: JSONError.self, "\(text)") { try JSONValue.parse(text) }
            #expect(error?.reason == .notUTF8, "\(text)")
        }
    }

    @Test("does not call a misplaced letter bad UTF-8", arguments: ["[é]", "{“a”:1}", "\u{FEFF}{}", "😀"])
    func misplacedLetters(text: String) {
        #expect(self.error(text)?.reason == .unexpectedByte)
    }

    // MARK: Structure

    @Test(
        "names the reason and the place of a fault",
        arguments: [
            ("", .unexpectedEnd, 0),
            ("  ", .unexpectedEnd, 2),
            ("[1,]", .unexpectedByte, 3),
            ("[1 2]", .unexpectedByte, 3),
            ("[1", .unexpectedEnd, 2),
            (#"{"a":1,}"#, .unexpectedByte, 7),
            (#"{"a" 1}"#, .unexpectedByte, 5),
            (#"{"a":1,"b":2,"a":3}"#, .duplicateKey, 13),
            (#"{a:1}"#, .unexpectedByte, 1),
            (#""abc"#, .unexpectedEnd, 4),
            (#""a\q""#, .invalidEscape, 3),
            ("{} {}", .trailingBytes, 3),
            ("nulL", .unexpectedByte, 3),
            ("tru", .unexpectedEnd, 3),
            ("'a'", .unexpectedByte, 0),
            ("// comment\n1", .unexpectedByte, 0),
        ] as [(String, JSONError.Reason, Int)]
    )
    func faults(text: String, reason: JSONError.Reason, offset: Int) {
        let error = self.error(text)
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
        #expect(error?.description == "the JSON text \(reason.rawValue) (byte \(offset))")
    }

    @Test("refuses a key that is there twice, however it is written, at any place of a small or large object")
    func duplicateKeys() {
        #expect(self.error(#"{"a":1,"\u0061":2}"#)?.reason == .duplicateKey)
        #expect(self.error(#"{"":1,"":2}"#)?.reason == .duplicateKey)
        #expect(self.error(#"[{"x":{"k":1,"k":1}}]"#)?.reason == .duplicateKey)
        for count in [2, 15, 16, 17, 18, 100] {
            let members = (0..<count).map { "\"k\($0)\":0" }
            #expect(throws: Never.self) { try JSONValue.parse("{\(members.joined(separator: ","))}") }
            for repeated in Set([0, count / 2, count - 1]) {
                let text = "{\((members + [members[repeated]]).joined(separator: ","))}"
                #expect(self.error(text)?.reason == .duplicateKey, "\(count) \(repeated)")
            }
        }
        #expect(throws: Never.self) { try JSONValue.parse(#"[{"a":1},{"a":2},{"b":{"a":3},"a":4}]"#) }
    }

    @Test("goes 64 levels deep and not 65, in arrays, objects and both")
    func depth() throws {
        func nested(_ levels: Int, _ open: [String], _ close: [String]) -> String {
            let opening = (0..<levels).map { open[$0 % open.count] }.joined()
            let closing = (0..<levels).reversed().map { close[$0 % close.count] }.joined()
            return opening + "0" + closing
        }
        for (open, close) in [(["["], ["]"]), ([#"{"a":"#], ["}"]), (["[", #"{"a":"#], ["]", "}"])] {
            let deepest = nested(64, open, close)
            let value = try JSONValue.parse(deepest)
            #expect(value.description == deepest)
            #expect(self.error(nested(65, open, close))?.reason == .tooDeep)
            #expect(self.error(nested(100_000, open, close))?.reason == .tooDeep)
        }
        // Siblings are not depth.
        #expect(throws: Never.self) {
            try JSONValue.parse("[" + Array(repeating: "[[]],{}", count: 1000).joined(separator: ",") + "]")
        }
    }

    @Test("skips JSON's four kinds of white space and no other")
    func whitespace() throws {
        #expect(try JSONValue.parse(" \t\r\n{ \t\r\n\"a\" \t\r\n: \t\r\n[ ] \t\r\n} \t\r\n") == ["a": []])
        for blank in ["\u{0B}", "\u{0C}", "\u{A0}", "\u{2028}", "\u{FEFF}"] {
            _ = self.error("[\(blank)1]")
        }
    }
}
