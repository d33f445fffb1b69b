import StationCore
import Testing

@testable import BLEProvision

@Suite("Codecs of the Espressif dialect")
struct EspressifCodecTests {
    // MARK: - AES-CTR

    private static let counterKey = SRPVectors.bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    private static let counter = SRPVectors.bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    private static let plain = SRPVectors.bytes(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
            + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
    private static let sealed = SRPVectors.bytes(
        "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
            + "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6")

    @Test("AES-256-CTR is NIST's (SP 800-38A, F.5.5), however the stream is cut", arguments: [1, 5, 16, 17, 63, 64])
    func counterStream(_ length: Int) throws {
        var stream = try #require(CounterStream(key: Self.counterKey, counter: Self.counter))
        var result: [UInt8] = []
        for start in stride(from: 0, to: Self.plain.count, by: length) {
            result += try stream.apply(to: Array(Self.plain[start..<min(start + length, Self.plain.count)]))
        }
        #expect(result == Self.sealed)
    }

    @Test("A counter of ones begins anew at zero")
    func wrap() throws {
        let ones = [UInt8](repeating: 0xFF, count: 16)
        var stream = try #require(CounterStream(key: Self.counterKey, counter: ones))
        let zeros = [UInt8](repeating: 0, count: 16)
        _ = try stream.apply(to: zeros)
        let second = try stream.apply(to: zeros)
        var fresh = try #require(CounterStream(key: Self.counterKey, counter: zeros))
        let first = try fresh.apply(to: zeros)
        #expect(second == first)
    }

    @Test("A key or a counter of another length is none")
    func lengths() {
        #expect(CounterStream(key: Self.counterKey, counter: [1]) == nil)
        #expect(CounterStream(key: [1], counter: Self.counter) == nil)
    }

    // MARK: - Version

    @Test(
        "What proto-ver says is read",
        arguments: [
            (#"{"prov":{"ver":"v1.1","sec_ver":2,"sec_patch_ver":1,"cap":["wifi_scan"]}}"#, 2, 1, false),
            (#"{"prov":{"ver":"v1.1","sec_ver":1,"cap":["wifi_scan","no_pop"]}}"#, 1, 0, true),
            (#"{"prov":{"ver":"v1.1","cap":["no_sec"]}}"#, 0, 0, false), (#"{"prov":{"ver":"v1.1"}}"#, 1, 0, false),
            ("v1.0", 1, 0, false), ("", 1, 0, false), (#"{"prov":{"sec_ver":7}}"# + "\0", 7, 0, false),
        ])
    func version(_ text: String, _ security: Int64, _ patch: Int64, _ needsNoProof: Bool) {
        let version = EspressifVersion(Array(text.utf8))
        #expect(version.security == security && version.patch == patch && version.needsNoProof == needsNoProof)
    }

    private static func plan(_ json: String, proof: String?, minimum: Int = 0) -> String {
        var options = EspressifOptions()
        options.minimumSecurity = minimum
        do throws(ProvisioningFault) {
            let security = try EspressifPlan.security(
                offered: EspressifVersion(Array(json.utf8)), proof: proof.map { Secret($0) }, options: options)
            return "\(type(of: security))"
        } catch {
            return error.kind.rawValue
        }
    }

    @Test("What a device offers is taken or refused, never lowered")
    func plans() {
        let zero = #"{"prov":{"sec_ver":0,"cap":["no_sec"]}}"#
        let one = #"{"prov":{"sec_ver":1}}"#
        let open = #"{"prov":{"sec_ver":1,"cap":["no_pop"]}}"#
        let two = #"{"prov":{"sec_ver":2,"sec_patch_ver":1}}"#
        #expect(Self.plan(zero, proof: nil) == "EspressifSecurity0")
        #expect(Self.plan(zero, proof: "") == "EspressifSecurity0")
        #expect(Self.plan(zero, proof: "abcd1234") == "security_too_weak")
        #expect(Self.plan(zero, proof: nil, minimum: 1) == "security_too_weak")
        #expect(Self.plan(one, proof: "abcd1234") == "EspressifSecurity1")
        #expect(Self.plan(one, proof: nil) == "proof_missing")
        #expect(Self.plan(one, proof: "abcd1234", minimum: 2) == "security_too_weak")
        #expect(Self.plan(open, proof: nil) == "EspressifSecurity1")
        #expect(Self.plan(open, proof: "abcd1234") == "security_too_weak")
        #expect(Self.plan(two, proof: "abcd1234") == "EspressifSecurity2")
        #expect(Self.plan(two, proof: nil) == "proof_missing")
        #expect(Self.plan(#"{"prov":{"sec_ver":2,"sec_patch_ver":2}}"#, proof: "p") == "security_unknown")
        #expect(Self.plan(#"{"prov":{"sec_ver":3}}"#, proof: "p") == "security_unknown")
        #expect(Self.plan(#"{"prov":{"sec_ver":-1}}"#, proof: nil) == "security_too_weak")
    }

    // MARK: - Messages

    @Test("The first message of security 0 is that of Espressif's tool")
    func security0() throws {
        var security = EspressifSecurity0()
        let request = try security.next(after: nil)
        #expect(request == [0x52, 0x03, 0xA2, 0x01, 0x00])
        let end = try security.next(after: [0x52, 0x05, 0x08, 0x01, 0xAA, 0x01, 0x00])
        #expect(end == nil)
    }

    @Test("Messages that are no answer are refused", arguments: [[], [0x10, 0x01], [0x52, 0x00], [0x08], [0xFF]])
    func noAnswer(_ bytes: [UInt8]) {
        #expect(throws: ProvisioningFault.self) {
            var security = EspressifSecurity0()
            _ = try security.next(after: bytes)
        }
    }

    @Test("Messages of prov-config and prov-ctrl are those of Espressif's tool")
    func messages() throws {
        let order = try DialectFixture.order(ssid: [0x41, 0xFF], password: "")
        #expect(EspressifWiFi.setConfig(order) == [0x08, 0x02, 0x62, 0x04, 0x0A, 0x02, 0x41, 0xFF])
        #expect(EspressifWiFi.applyConfig == [0x08, 0x04, 0x72, 0x00])
        #expect(EspressifWiFi.getStatus == [0x52, 0x00])
        #expect(EspressifWiFi.reset == [0x08, 0x01, 0x5A, 0x00])
    }

    @Test(
        "A status tells how the device fares",
        arguments: [
            ([0x08, 0x01, 0x5A, 0x02, 0x5A, 0x00], EspressifWiFi.Attempt.connected),
            ([0x08, 0x01, 0x5A, 0x02, 0x10, 0x01], .trying), ([0x08, 0x01, 0x5A, 0x02, 0x10, 0x02], .trying),
            ([0x08, 0x01, 0x5A, 0x04, 0x10, 0x03, 0x50, 0x00], .wrongPassword),
            ([0x08, 0x01, 0x5A, 0x04, 0x10, 0x03, 0x50, 0x01], .notFound),
            ([0x08, 0x01, 0x5A, 0x04, 0x10, 0x03, 0x50, 0x09], .failed(reason: 9)),
        ])
    func status(_ bytes: [UInt8], _ expected: EspressifWiFi.Attempt) throws {
        let attempt = try EspressifWiFi.attempt(bytes)
        #expect(attempt == expected)
    }

    @Test(
        "Nothing is not read as “connected”",
        arguments: [
            [], [0x08, 0x01], [0x08, 0x03, 0x5A, 0x00], [0x08, 0x01, 0x6A, 0x00], [0x08, 0x01, 0x5A, 0x02, 0x08, 0x05],
        ]
    )
    func noStatus(_ bytes: [UInt8]) {
        #expect(throws: ProvisioningFault.self) { try EspressifWiFi.attempt(bytes) }
    }
}
