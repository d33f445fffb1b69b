/// Something on a device that is driven: a switch, a slider, a choice.
public struct Actuator: Sendable, Hashable {
    public enum ValueType: String, Sendable, Hashable, CaseIterable {
        case number, boolean
        case choice = "enum"
    }

    public let id: ActuatorID
    public let deviceID: DeviceID
    /// Never changes. A sensor of the same device may have it too: it shows what the actuator does.
    public let key: String
    public var name: String
    /// Never changes either.
    public let valueType: ValueType
    public var unitLabel: String
    /// Decimals to show.
    public var precision: Int
    public var range: ActuatorRange
    public let createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ActuatorID, deviceID: DeviceID, key: String, name: String, valueType: ValueType, unitLabel: String,
        precision: Int, range: ActuatorRange, createdAt: Timestamp, updatedAt: Timestamp? = nil
    ) {
        self.id = id
        self.deviceID = deviceID
        self.key = key
        self.name = name
        self.valueType = valueType
        self.unitLabel = unitLabel
        self.precision = precision
        self.range = range
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
    }
}
