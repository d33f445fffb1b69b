/// A characteristic of a connected device, as its services were resolved.
public struct GATTCharacteristic: Sendable, Hashable {
    /// What may be done with a characteristic: the names of BlueZ's `Flags` (org.bluez.GattCharacteristic) that matter
    /// here.
    public enum Flag: String, Sendable, Hashable, CaseIterable {
        case read
        case write
        case writeWithoutResponse = "write-without-response"
        case notify
        case indicate
    }

    /// The service that it is part of.
    public let service: GATTUUID
    public let uuid: GATTUUID
    public let flags: Set<Flag>

    public init(service: GATTUUID, uuid: GATTUUID, flags: Set<Flag>) {
        self.service = service
        self.uuid = uuid
        self.flags = flags
    }

    /// Whether it can be written to at all.
    public var isWritable: Bool { self.flags.contains(.write) || self.flags.contains(.writeWithoutResponse) }
}
