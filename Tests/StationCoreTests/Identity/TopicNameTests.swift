import StationCore
import StationTestSupport
import Testing

@Suite("A name that stands in a topic")
struct TopicNameTests {
    @Test(
        "is 1–64 letters, digits, “_”, “.” and “-”",
        arguments: [
            "a", "Z", "0", "_", ".", "-", "..", "light-01", "ESP32_A4.CF", String(repeating: "x", count: 64),
            "019aa5b0-7c40-7000-8000-000000000000",
        ]
    )
    func valid(text: String) {
        #expect(TopicName.isValid(text))
        #expect(ExternalID(text)?.description == text)
        #expect(StationID(text)?.description == text)
        #expect(ExternalID(Substring(text)) == ExternalID(text))
    }

    @Test(
        "is nothing else: no wildcard, no level, no blank, no other alphabet",
        arguments: [
            "", "+", "#", "/", "a/b", "a+", "#a", "$SYS", "a b", " a", "a ", "a\n", "a\0", "\0", "é", "e\u{301}",
            "а", "ａ", "１", "😀", "a\u{200B}", "a:b", "a@b", "a,b", "a*", "a%2F", "..\\", "“a”",
            String(repeating: "x", count: 65), String(repeating: "x", count: 100_000),
        ]
    )
    func invalid(text: String) {
        #expect(!TopicName.isValid(text))
        #expect(ExternalID(text) == nil)
        #expect(StationID(text) == nil)
    }

    @Test("admits exactly the 65 bytes that the contract lists")
    func everyByte() {
        let valid = (UInt8.min...UInt8.max).filter { TopicName.isValid(String(decoding: [$0], as: UTF8.self)) }
        #expect(
            String(decoding: valid, as: UTF8.self)
                == "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
        )
    }

    @Test(
        "is none of the naughty strings with a letter outside the rule",
        .enabled(if: VectorFiles.strings != nil, "../shared/vectors/strings is not here")
    )
    func naughtyStrings() throws {
        let file = try #require(VectorFiles.strings).file("blns.json")
        for string in try #require(try JSONValue.parse(file.bytes).arrayValue).compactMap(\.stringValue) {
            let expected =
                (1...64).contains(string.utf8.count)
                && string.utf8.allSatisfy { byte in
                    let character = Character(Unicode.Scalar(byte))
                    return byte < 0x80 && (character.isLetter || character.isNumber || "_.-".contains(character))
                }
            #expect(TopicName.isValid(string) == expected, "\(string)")
        }
    }
}
