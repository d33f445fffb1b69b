import StationCore
import StationTestSupport
import Testing

@testable import BLEProvision

@Suite("The smarthome dialect")
struct SmartHomeDialectTests {
    private static let options = SmartHomeOptions()
    private static let dialect = SmartHomeDialect(Self.options)
    private static let other = GATTUUID(short: 0xABCD)

    private static func advertisement(
        _ name: String? = nil, data: [UInt8]? = nil, isServiceListed: Bool = true
    ) -> Advertisement {
        Advertisement(
            address: "AA:BB:CC:0D:EE:FF", name: name, rssi: -60,
            serviceUUIDs: isServiceListed ? [Self.options.service] : [],
            serviceData: data.map { [Self.options.service: $0] } ?? [:]
        )
    }

    private static func characteristic(_ uuid: GATTUUID, _ flags: Set<GATTCharacteristic.Flag>) -> GATTCharacteristic {
        GATTCharacteristic(service: Self.options.service, uuid: uuid, flags: flags)
    }

    private static let usual = [Self.characteristic(Self.options.characteristic, [.write])]

    // MARK: - Message

    @Test("The JSON is exactly the contract's")
    func message() throws {
        let bytes = try SmartHomeMessage.bytes(of: try DialectFixture.order())
        let expected =
            #"{"ssid":"Casa","password":"correct horse","mqtt_host":"pi.local","mqtt_port":1883,"#
            + #""device_id":"lamp-1","device_token":"tok3n-of-the-device","station_id":"station-1"}"#
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test("Quotes, backslashes and control characters of an SSID are escaped")
    func escapes() throws {
        let bytes = try SmartHomeMessage.bytes(of: try DialectFixture.order(ssid: Array("a\"b\\c\n\u{1F}é’".utf8)))
        let value = try JSONValue.parse(bytes)
        #expect(value["ssid"]?.stringValue == "a\"b\\c\n\u{1F}é’")
    }

    @Test("Bytes of an SSID that are no text go through as they are")
    func rawBytes() throws {
        let bytes = try SmartHomeMessage.bytes(of: try DialectFixture.order(ssid: [0xFF, 0x41, 0xC3]))
        #expect(bytes.starts(with: Array("{\"ssid\":\"".utf8) + [0xFF, 0x41, 0xC3] + Array("\",".utf8)))
    }

    @Test("More than an attribute can hold is refused before anything is written")
    func tooLong() async throws {
        let order = try DialectFixture.order()
        let place = StationPlace(
            mqttHost: String(repeating: "h", count: 400), mqttPort: 1883, deviceID: order.place.deviceID,
            deviceToken: order.place.deviceToken, stationID: order.place.stationID
        )
        let device = ScriptedDevice(Self.usual)
        let done = await DialectFixture.provision(
            Self.dialect, over: device, with: ProvisioningOrder(wifi: order.wifi, place: place))
        #expect(DialectFixture.fault(done.result) == .tooLong)
        #expect(device.writes.isEmpty)
    }

    // MARK: - Write

    @Test("One write with response hands it over")
    func write() async throws {
        let device = ScriptedDevice(Self.usual + [Self.characteristic(Self.other, [.write])])
        let order = try DialectFixture.order()
        let done = await DialectFixture.provision(Self.dialect, over: device, with: order)
        #expect(done.result == .success(.accepted))
        #expect(done.progress == [.writing])
        #expect(device.writes.count == 1)
        let write = try #require(device.writes.first)
        let message = try SmartHomeMessage.bytes(of: order)
        #expect(write.uuid == Self.options.characteristic && write.withResponse && write.value == message)
    }

    @Test("The only writable characteristic of the service takes the place of one that is absent")
    func fallback() async throws {
        let foreign = GATTCharacteristic(service: Self.other, uuid: GATTUUID(short: 1), flags: [.write])
        let device = ScriptedDevice([
            foreign, Self.characteristic(GATTUUID(short: 2), [.read]), Self.characteristic(Self.other, [.write]),
        ])
        let done = await DialectFixture.provision(Self.dialect, over: device, with: try DialectFixture.order())
        #expect(done.result == .success(.accepted))
        #expect(device.writes.map(\.uuid) == [Self.other])
    }

    @Test("Two writable ones are not guessed among")
    func ambiguous() async throws {
        let device = ScriptedDevice([
            Self.characteristic(GATTUUID(short: 2), [.writeWithoutResponse]), Self.characteristic(Self.other, [.write]),
        ])
        let done = await DialectFixture.provision(Self.dialect, over: device, with: try DialectFixture.order())
        #expect(DialectFixture.fault(done.result) == .notOffered)
        #expect(device.writes.isEmpty)
    }

    @Test("After “unlikely error” only the handshake can tell")
    func unlikely() async throws {
        let device = ScriptedDevice(Self.usual, failingWith: GATTError(attributeCode: 0x0E, detail: "0x0e"))
        let done = await DialectFixture.provision(Self.dialect, over: device, with: try DialectFixture.order())
        #expect(done.result == .success(.unconfirmed))
    }

    @Test(
        "A write that failed is told apart",
        arguments: [
            (GATTError.Kind.disconnected, ProvisioningFault.Kind.linkLost, true), (.timedOut, .deviceSilent, true),
            (.notAuthorized, .notAllowed, false), (.invalidLength, .tooLong, false),
            (.notPermitted, .notOffered, false),
            (.attribute(0x80), .refused, false), (.cancelled, .cancelled, false), (.unavailable, .linkLost, true),
        ])
    func failures(_ kind: GATTError.Kind, _ expected: ProvisioningFault.Kind, _ isWorthRetrying: Bool) async throws {
        let device = ScriptedDevice(Self.usual, failingWith: GATTError(kind, detail: "raw name"))
        let done = await DialectFixture.provision(Self.dialect, over: device, with: try DialectFixture.order())
        guard case .failure(let fault) = done.result else {
            Issue.record("it did not fail")
            return
        }
        #expect(fault.kind == expected && fault.isWorthRetrying == isWorthRetrying)
        #expect(fault.detail.contains("raw name"))
        #expect(!"\(fault) \(fault.detail)".contains(DialectFixture.password))
    }

    // MARK: - Recognition

    @Test("The service makes a candidate, its name the id")
    func byService() throws {
        let traits = try #require(Self.dialect.recognise(Self.advertisement("SH_kitchen-7")))
        #expect(traits.externalID.description == "kitchen-7")
        #expect(traits.deviceType == nil && traits.defaultName == "SH_kitchen-7" && traits.isProvisionable)
    }

    @Test("Without a name the address is the id")
    func byAddress() throws {
        let traits = try #require(Self.dialect.recognise(Self.advertisement()))
        #expect(traits.externalID.description == "aabbcc0deeff")
    }

    @Test("A name suffix that cannot stand in a topic is no id")
    func badSuffix() throws {
        let traits = try #require(Self.dialect.recognise(Self.advertisement("SH_a/+/#")))
        #expect(traits.externalID.description == "aabbcc0deeff")
    }

    @Test("Service data tells the type in ASCII, with or without its NUL")
    func asciiType() throws {
        let plain = try #require(Self.dialect.recognise(Self.advertisement("SH_x1", data: Array("climate".utf8))))
        let ended = try #require(Self.dialect.recognise(Self.advertisement("SH_x1", data: Array("climate\0".utf8))))
        #expect(plain.deviceType == "climate" && ended.deviceType == "climate")
        #expect(plain.externalID.description == "x1")
    }

    @Test("Service data in JSON tells type and id, which outranks the name")
    func jsonData() throws {
        let data = Array(#"{"type":"relay","id":"dev-9","kit_tag":"K1"}"#.utf8)
        let traits = try #require(
            Self.dialect.recognise(Self.advertisement("SH_x1", data: data, isServiceListed: false)))
        #expect(traits.deviceType == "relay" && traits.externalID.description == "dev-9")
        #expect(SmartHomeServiceData(data).kitTag == "K1")
    }

    @Test(
        "Service data that makes no sense says nothing", arguments: [[], [0], [0xFF, 0xFE], Array("{\"type\":".utf8)])
    func nonsense(_ data: [UInt8]) throws {
        let traits = try #require(Self.dialect.recognise(Self.advertisement("SH_x1", data: data)))
        #expect(traits.deviceType == nil && traits.externalID.description == "x1")
    }

    @Test("The name alone is not enough unless it is said to be")
    func nameAlone() {
        let advertisement = Self.advertisement("SH_x1", isServiceListed: false)
        #expect(Self.dialect.recognise(advertisement) == nil)
        let open = SmartHomeDialect(SmartHomeOptions(isNameEnough: true))
        #expect(open.recognise(advertisement)?.externalID.description == "x1")
        #expect(open.recognise(Self.advertisement("Kettle", isServiceListed: false)) == nil)
    }
}
