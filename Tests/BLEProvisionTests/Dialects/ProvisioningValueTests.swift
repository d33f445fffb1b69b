import StationCore
import StationTestSupport
import Testing

@testable import BLEProvision

@Suite("Values of provisioning")
struct ProvisioningValueTests {
    @Test("A UUID is the same however it was written")
    func uuids() {
        #expect(GATTUUID("4677")?.description == "00004677-0000-1000-8000-00805f9b34fb")
        #expect(GATTUUID("0000FF51") == GATTUUID(short: 0xFF51))
        #expect(GATTUUID("0000ff51-0000-1000-8000-00805F9B34FB") == GATTUUID(short: 0xFF51))
        #expect(
            GATTUUID(0x0046_7768_6228_2272, 0x4663_2774_7826_8000)
                == GATTUUID("00467768-6228-2272-4663-277478268000"))
    }

    @Test(
        "What is no UUID is refused",
        arguments: [
            "", "467", "g677", "00467768622822724663277478268000", "-46-", "00467768-6228-2272-4663-27747826800x",
        ])
    func noUUIDs(_ text: String) {
        #expect(GATTUUID(text) == nil)
    }

    @Test(
        "A Wi-Fi that cannot be is refused by every dialect, and nothing is written",
        arguments: [(0, 12), (33, 12), (4, 7), (4, 64), (4, 300)])
    func impossibleWiFi(_ ssidLength: Int, _ passwordLength: Int) async throws {
        let order = try DialectFixture.order(
            ssid: [UInt8](repeating: 65, count: ssidLength), password: String(repeating: "x", count: passwordLength))
        let device = ScriptedDevice([
            GATTCharacteristic(service: SmartHomeOptions().service, uuid: GATTUUID(short: 1), flags: [.write])
        ])
        let clock = ManualClock()
        let dialects: [any ProvisioningDialect] = [
            SmartHomeDialect(SmartHomeOptions()), ImprovDialect(clock: clock), EspressifDialect(clock: clock),
        ]
        for dialect in dialects {
            let done = await DialectFixture.provision(dialect, over: device, with: order)
            #expect(DialectFixture.fault(done.result) == .wifiNotJoined)
        }
        #expect(device.writes.isEmpty)
    }

    @Test("No description of an order shows a secret")
    func secrets() throws {
        let shown = String(reflecting: try DialectFixture.order(proof: "pop-1234"))
        #expect(!shown.contains(DialectFixture.password))
        #expect(!shown.contains(DialectFixture.token))
        #expect(!shown.contains("pop-1234"))
    }

    @Test("An error of ATT is known by its code")
    func attributeErrors() {
        #expect(GATTError(attributeCode: 0x0E, detail: "").kind == .unlikely)
        #expect(GATTError(attributeCode: 0x0D, detail: "").kind == .invalidLength)
        #expect(GATTError(attributeCode: 0x05, detail: "").kind == .notAuthorized)
        #expect(GATTError(attributeCode: 0x0F, detail: "").kind == .notAuthorized)
        #expect(GATTError(attributeCode: 0x03, detail: "").kind == .notPermitted)
        #expect(GATTError(attributeCode: 0x80, detail: "").kind == .attribute(0x80))
    }

    @Test("Every fault has a sentence of its own for people", arguments: ProvisioningFault.Kind.allCases)
    func sentences(_ kind: ProvisioningFault.Kind) {
        let others = ProvisioningFault.Kind.allCases.filter { $0 != kind }.map { ProvisioningFault($0).description }
        let sentence = ProvisioningFault(kind, detail: "raw").description
        #expect(sentence.hasSuffix(".") || sentence.hasSuffix("?"))
        #expect(!others.contains(sentence))
        #expect(!sentence.contains("raw"))
    }

    @Test("Only a lost link and silence are worth another try by themselves")
    func retries() {
        let retried = ProvisioningFault.Kind.allCases.filter { ProvisioningFault($0).isWorthRetrying }
        #expect(Set(retried) == [.linkLost, .deviceSilent])
    }

    @Test("A name is shown without control characters, and not endlessly")
    func shownNames() {
        #expect(Advertisement(address: "", name: "SH_\u{1B}[31mlamp\n").shownName == "SH_[31mlamp")
        #expect(Advertisement(address: "", name: String(repeating: "x", count: 200)).shownName?.count == 64)
        #expect(Advertisement(address: "", name: " \u{0}").shownName == nil)
        #expect(Advertisement(address: "").shownName == nil)
    }
}
