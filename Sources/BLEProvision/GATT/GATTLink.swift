/// A connection to one device whose services are resolved: all that a dialect needs of Bluetooth.
///
/// One operation runs at a time; each has a deadline of its own inside the link, so that a dialect never waits for ever.
public protocol GATTLink: Sendable {
    /// What the device offers.
    func characteristics() async -> [GATTCharacteristic]

    /// Reads the value of a characteristic.
    func read(_ uuid: GATTUUID) async throws(GATTError) -> [UInt8]

    /// Writes up to 512 bytes; with response, it returns once the device has answered.
    func write(_ uuid: GATTUUID, _ value: [UInt8], withResponse: Bool) async throws(GATTError)

    /// The values that the device sends of itself, from the moment at which this returns; at most a bounded number
    /// waits. The stream ends when the link does.
    func notifications(of uuid: GATTUUID) async throws(GATTError) -> AsyncStream<[UInt8]>

    /// The text of the characteristic's user description (descriptor 0x2901); `nil` where it has none. Espressif's
    /// devices name their endpoints there.
    func userDescription(of uuid: GATTUUID) async throws(GATTError) -> [UInt8]?
}
