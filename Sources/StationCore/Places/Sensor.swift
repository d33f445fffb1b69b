/// Something that a device measures: one key of its state, with a name and a unit for people.
public struct Sensor: Sendable, Hashable {
    public static let maximumKeyLength = 100
    public static let maximumNameLength = 255
    public static let maximumUnitLength = 50
    /// How many decimals may be shown.
    public static let precisions = 0...15
    public static let defaultPrecision = 2

    public let id: SensorID
    public let deviceID: DeviceID
    /// Never changes: what was measured is kept under it.
    public let key: String
    public var name: String
    /// Never changes either.
    public let valueType: Capability.ValueType
    public var unitLabel: String
    /// Decimals to show; what is stored is never rounded.
    public var precision: Int
    public let createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: SensorID, deviceID: DeviceID, key: String, name: String, valueType: Capability.ValueType,
        unitLabel: String, precision: Int, createdAt: Timestamp, updatedAt: Timestamp? = nil
    ) {
        self.id = id
        self.deviceID = deviceID
        self.key = key
        self.name = name
        self.valueType = valueType
        self.unitLabel = unitLabel
        self.precision = precision
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
    }
}
