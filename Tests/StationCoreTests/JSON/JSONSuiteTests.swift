import StationCore
import StationTestSupport
import Testing

@Suite("The JSON reader and the public JSONTestSuite")
struct JSONSuiteTests {
    private static let isMissing: Comment = "../shared/vectors/json is not here"

    @Test("accepts what every parser must accept", .enabled(if: VectorFiles.json != nil, isMissing))
    func accepted() throws {
        let files = try #require(VectorFiles.json).files("y_")
        #expect(files.count > 90)
        for file in files where !file.name.contains("duplicated_key") {
            #expect(throws: Never.self, "\(file.name)") {
                let value = try JSONValue.parse(file.bytes)
                #expect(try JSONValue.parse(value.serialized()) == value, "\(file.name) round")
            }
        }
    }

    @Test(
        "refuses the two files that the suite allows but the contract does not",
        .enabled(if: VectorFiles.json != nil, isMissing))
    func duplicateKeys() throws {
        let files = try #require(VectorFiles.json).files("y_object_duplicated_key")
        #expect(files.count == 2)
        for file in files {
            let error = #expect(throws: JSONError.self, "\(file.name)") { try JSONValue.parse(file.bytes) }
            #expect(error?.reason == .duplicateKey, "\(file.name)")
        }
    }

    @Test("refuses what every parser must refuse", .enabled(if: VectorFiles.json != nil, isMissing))
    func refused() throws {
        let files = try #require(VectorFiles.json).files("n_")
        #expect(files.count > 180)
        for file in files {
            let error = #expect(throws: JSONError.self, "\(file.name)") { try JSONValue.parse(file.bytes) }
            if let error { #expect((0...file.bytes.count).contains(error.offset), "\(file.name)") }
        }
    }

    @Test(
        "survives what parsers may treat as they like, and writes again whatever of it it accepts",
        .enabled(if: VectorFiles.json != nil, isMissing))
    func undecided() throws {
        var files = try #require(VectorFiles.json).files("i_")
        files += try VectorFiles.jsonTransform?.files() ?? []
        #expect(files.count > 30)
        for file in files {
            // Refusing any of them is fine; what is accepted must keep its meaning.
            guard let value = try? JSONValue.parse(file.bytes) else { continue }
            #expect(try JSONValue.parse(value.serialized()) == value, "\(file.name)")
        }
    }

    @Test("refuses every truncation of a good text, and every single wrong byte does no harm")
    func truncationAndDamage() throws {
        let text = Array(#"{"a":[1,-2.5e3,true,false,null,"q\"\\\u00e9\ud83d\ude00é"],"b":{"c":{}}} "#.utf8)
        #expect(throws: Never.self) { try JSONValue.parse(text) }
        for length in 0..<(text.count - 1) {
            #expect(throws: JSONError.self) { try JSONValue.parse(Array(text[..<length])) }
        }
        for index in text.indices {
            for byte in [0x00, 0x22, 0x5C, 0x7B, 0x80, 0xC3, 0xED, 0xFF] as [UInt8] {
                var damaged = text
                damaged[index] = byte
                guard let value = try? JSONValue.parse(damaged) else { continue }
                #expect(try JSONValue.parse(value.serialized()) == value)
            }
        }
    }
}
