import StationCore
import Testing

@testable import BLEProvision

@Suite("Improv's packets")
struct ImprovFrameTests {
    @Test("Identify and device information are the standard's bytes")
    func simple() {
        #expect(ImprovFrame(.identify).bytes == [0x02, 0x00, 0x02])
        #expect(ImprovFrame(.deviceInformation).bytes == [0x03, 0x00, 0x03])
    }

    @Test("Wi-Fi settings carry lengths and a checksum")
    func settings() throws {
        let order = try DialectFixture.order(ssid: Array("MyWirelessAP".utf8), password: "mysecurepassword")
        let bytes = ImprovFrame.wifiSettings(order).bytes
        // The example of improv-wifi.com/ble.
        #expect(bytes[..<3] == [0x01, 0x1E, 0x0C])
        #expect(bytes[15] == 0x10)
        #expect(bytes.last == bytes.dropLast().reduce(0, &+))
        #expect(bytes.count == 33)
    }

    @Test("The longest settings are written in parts of 20 bytes that join to the whole")
    func parts() throws {
        let order = try DialectFixture.order(
            ssid: [UInt8](repeating: 0xFE, count: 32), password: String(repeating: "0f", count: 32))
        let frame = ImprovFrame.wifiSettings(order)
        #expect(frame.bytes.count == 101)
        #expect(frame.parts.map(\.count) == [20, 20, 20, 20, 20, 1])
        #expect(frame.parts.flatMap { $0 } == frame.bytes)
    }

    @Test("What was written is read back")
    func roundTrip() throws {
        let frame = ImprovFrame(.sendWiFiSettings, [Array("http://1.2.3.4".utf8), [], [0xFF]])
        let read = try ImprovFrame(reading: frame.bytes)
        let followed = try ImprovFrame(reading: frame.bytes + [9, 9])
        #expect(read == frame && followed == frame)
    }

    @Test("A packet that was cut off is known as such", arguments: 0..<8)
    func truncated(_ length: Int) {
        let bytes = ImprovFrame(.sendWiFiSettings, [[1, 2, 3, 4]]).bytes
        #expect(bytes.count == 8)
        #expect(throws: ImprovFrame.Fault.truncated) { try ImprovFrame(reading: Array(bytes[..<length])) }
    }

    @Test("A wrong checksum and a string that is longer than its packet are refused")
    func malformed() {
        #expect(throws: ImprovFrame.Fault.self) { try ImprovFrame(reading: [0x01, 0x01, 0x00, 0x03]) }
        #expect(throws: ImprovFrame.Fault.self) { try ImprovFrame(reading: [0x01, 0x02, 0x05, 0x41, 0x49]) }
    }

    @Test("An answer without a string is one")
    func empty() throws {
        let frame = try ImprovFrame(reading: [0x01, 0x00, 0x01])
        #expect(frame.strings.isEmpty)
    }
}
