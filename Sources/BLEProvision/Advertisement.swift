/// What a device tells everybody over Bluetooth LE, as far as it was heard yet.
public struct Advertisement: Sendable, Hashable {
    /// The device's address as BlueZ writes it: `AA:BB:CC:DD:EE:FF`.
    public var address: String
    public var name: String?
    /// Strength of the signal in dBm; `nil` when it was not heard in this scan.
    public var rssi: Int?
    public var serviceUUIDs: Set<GATTUUID>
    public var serviceData: [GATTUUID: [UInt8]]
    /// By the company identifier that the Bluetooth SIG has assigned.
    public var manufacturerData: [UInt16: [UInt8]]

    public init(
        address: String, name: String? = nil, rssi: Int? = nil, serviceUUIDs: Set<GATTUUID> = [],
        serviceData: [GATTUUID: [UInt8]] = [:], manufacturerData: [UInt16: [UInt8]] = [:]
    ) {
        self.address = address
        self.name = name
        self.rssi = rssi
        self.serviceUUIDs = serviceUUIDs
        self.serviceData = serviceData
        self.manufacturerData = manufacturerData
    }

    /// The address without colons in lower case: the external id of a device that tells none (contract 5).
    public var plainAddress: String {
        self.address.lowercased().replacing(":", with: "")
    }
}
