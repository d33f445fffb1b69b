import StationCore
import SystemBus

/// What the played BlueZ is asked about a device that the test plays (`relay`).
public struct FakeGATTRequest: Sendable {
    /// By which it is answered.
    public let number: Int
    /// The device's address.
    public let address: String
    /// Of the characteristic.
    public let uuid: String
    /// What is written; `nil` for a read.
    public let value: [UInt8]?

    init?(_ signal: BusSignal) {
        guard let text = signal.arguments.first?.string, let request = try? JSONValue.parse(text),
            let number = request["number"]?.doubleValue, let address = request["address"]?.stringValue,
            let uuid = request["uuid"]?.stringValue
        else { return nil }
        self.number = Int(number)
        self.address = address
        self.uuid = uuid
        self.value = request["value"]?.stringValue.map { FakeBlueZProcess.bytes(ofHex: $0) }
    }
}
