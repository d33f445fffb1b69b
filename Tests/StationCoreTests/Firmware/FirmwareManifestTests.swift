import StationCore
import Testing

@Suite("Firmware manifests")
struct FirmwareManifestTests {
    private static let checksum = String(repeating: "ab", count: 32)

    private static func manifest(_ text: String) throws -> FirmwareManifest {
        try FirmwareManifest(JSONValue.parse(text.replacing("SUM", with: self.checksum)))
    }

    @Test("The form with keys gives chip and type, also where both have hyphens")
    func keyed() throws {
        let manifest = try Self.manifest(
            """
            {"esp32-light": {"version": "0.1.33", "file": "esp32-light@0.1.33.bin", "checksum": "SUM"},
             "esp32-switch-pir": {"version": "v0.1.2", "file": "b.bin", "checksum": "sha256:SUM"},
             "esp32-c3-climate": {"version": "1", "file": "c.bin", "checksum": "SHA256:SUM", "notes": "kept out"},
             "esp32c3-switch-pir": {"version": "1.0", "file": "d.bin", "checksum": "SUM"}}
            """
        )
        #expect(manifest.entries.map(\.type) == ["light", "switch-pir", "climate", "switch-pir"])
        #expect(manifest.entries.map(\.chip) == [.esp32, .esp32, .esp32c3, .esp32c3])
        #expect(manifest.entries.map(\.version.description) == ["0.1.33", "v0.1.2", "1", "1.0"])
        #expect(manifest.entries.allSatisfy { $0.checksum.description == Self.checksum && $0.size == nil })
        let file = try #require(FirmwareFileName("b.bin"))
        #expect(manifest.entry(of: file)?.type == "switch-pir")
    }

    @Test("The form with an array says the same, and the size")
    func listed() throws {
        let manifest = try Self.manifest(
            """
            {"generated": "2026-01-01", "types": [
                {"type": "light", "chip": "ESP32-S3", "version": "0.1.33", "file": "a.bin", "checksum": "SUM", "size": 4096},
                {"type": "pir", "version": "0.1.1", "file": "b.bin", "checksum": "sha256:SUM", "chip": null}]}
            """
        )
        #expect(manifest.entries.map(\.type) == ["light", "pir"])
        #expect(manifest.entries.map(\.chip) == [.esp32s3, nil])
        #expect(manifest.entries.map(\.size) == [4096, nil])
    }

    @Test("Nothing is a good manifest too", arguments: ["{}", #"{"types": []}"#])
    func empty(text: String) throws {
        #expect(try Self.manifest(text).entries.isEmpty)
    }

    @Test(
        "What is wrong is named, and what is allowed",
        arguments: [
            ("[]", "", "an array, not an object"),
            (#"{"types": 5}"#, "types", "a number, not an array"),
            (#"{"types": [5]}"#, "types[0]", "a number, not an object"),
            (#"{"esp32-light": "x"}"#, "esp32-light", "a string, not an object"),
            (#"{"avr-light": {}}"#, "avr-light", "chips are esp32, esp32-s2"),
            (#"{"esp32": {}}"#, "esp32", "does not consist of"),
            (#"{"esp32-": {}}"#, "esp32-", "1–64 characters"),
            (#"{"esp32-a b": {}}"#, "esp32-a b", "1–64 characters"),
            (#"{"esp32-light": {"file": "a", "checksum": "SUM"}}"#, "esp32-light.version", "is missing"),
            (
                #"{"esp32-light": {"version": 1, "file": "a", "checksum": "SUM"}}"#, "esp32-light.version",
                "a number, not a string"
            ),
            (
                #"{"esp32-light": {"version": "new", "file": "a", "checksum": "SUM"}}"#, "esp32-light.version",
                "“new”; allowed is a version"
            ),
            (
                #"{"esp32-light": {"version": "1", "file": "../a", "checksum": "SUM"}}"#, "esp32-light.file",
                "“../a”; allowed is 1–128"
            ),
            (
                #"{"types": [{"type": "pir", "version": "1", "file": "a", "checksum": "SUMa"}]}"#,
                "types[0].checksum", "64 hexadecimal digits"
            ),
            (
                #"{"types": [{"type": "pir", "version": "1", "file": "a", "checksum": "SUM", "size": -1}]}"#,
                "types[0].size", "is -1"
            ),
            (
                #"{"types": [{"type": "pir", "chip": "avr", "version": "1", "file": "a", "checksum": "SUM"}]}"#,
                "types[0].chip", "“avr”; allowed is one of esp32"
            ),
            (#"{"types": [{"type": 1}]}"#, "types[0].type", "a number, not a string"),
        ] as [(String, String, String)]
    )
    func faults(text: String, path: String, words: String) throws {
        let fault = #expect(throws: FirmwareManifestFault.self) { try Self.manifest(text) }
        #expect(fault?.path == path)
        #expect(fault?.description.contains(words) == true, "\(fault?.description ?? "")")
    }

    @Test("A manifest without end is not read")
    func tooMany() throws {
        let elements = [JSONValue](repeating: 1, count: FirmwareManifest.maximumEntries + 1)
        let fault = #expect(throws: FirmwareManifestFault.self) { try FirmwareManifest(["types": .array(elements)]) }
        #expect(fault?.description.contains("1001 entries") == true)
    }

    @Test(
        "A checksum is 64 digits, whatever is written around them",
        arguments: [
            (Self.checksum, true), (Self.checksum.uppercased(), true), ("sha256:" + Self.checksum, true),
            ("SHA256:" + Self.checksum.uppercased(), true), ("", false), ("sha256:", false),
            (Self.checksum + "0", false), (String(Self.checksum.dropLast()), false), ("md5:" + Self.checksum, false),
            ("sha256:sha256:" + Self.checksum, false), (String(repeating: "xy", count: 32), false),
        ] as [(String, Bool)]
    )
    func checksums(text: String, isValid: Bool) {
        #expect(FileChecksum(text)?.description == (isValid ? Self.checksum : nil))
    }

    @Test(
        "A file's name is never a path",
        arguments: [
            ("esp32-light@0.1.33.bin", true), ("a", true), ("a_b+c.bin", true), ("..", false), (".hidden", false),
            ("../a", false), ("a/b", false), ("/etc/passwd", false), ("", false), ("a\0", false), ("a b", false),
            ("ä", false), ("a\\b", false), ("a%2fb", false), (String(repeating: "a", count: 128), true),
            (String(repeating: "a", count: 129), false),
        ] as [(String, Bool)]
    )
    func names(text: String, isValid: Bool) {
        #expect((FirmwareFileName(text) != nil) == isValid)
    }
}
