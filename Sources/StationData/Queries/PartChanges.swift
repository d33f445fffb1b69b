public import StationCore

/// A sensor that shall be made.
public struct NewSensor: Sendable, Hashable {
    public var key: String
    public var name: String
    public var valueType: Capability.ValueType
    public var unitLabel: String
    public var precision: Int

    public init(
        key: String, name: String, valueType: Capability.ValueType = .number, unitLabel: String = "",
        precision: Int = Sensor.defaultPrecision
    ) {
        self.key = key
        self.name = name
        self.valueType = valueType
        self.unitLabel = unitLabel
        self.precision = precision
    }
}

/// An actuator that shall be made.
public struct NewActuator: Sendable, Hashable {
    public var key: String
    public var name: String
    public var valueType: Actuator.ValueType
    public var unitLabel: String
    public var precision: Int
    public var range: ActuatorRange

    public init(
        key: String, name: String, valueType: Actuator.ValueType = .number, unitLabel: String = "",
        precision: Int = Sensor.defaultPrecision, range: ActuatorRange = ActuatorRange()
    ) {
        self.key = key
        self.name = name
        self.valueType = valueType
        self.unitLabel = unitLabel
        self.precision = precision
        self.range = range
    }
}

/// What shall change about a sensor or an actuator; whatever is `nil` stays.
public struct PartChanges: Sendable, Hashable {
    public var name: String?
    public var unitLabel: String?
    public var precision: Int?

    public init() {}
}

/// What shall change about what an actuator can be set to; whatever is `nil` stays, and `.some(nil)` takes it away.
public struct RangeChanges: Sendable, Hashable {
    public var minimum: Double??
    public var maximum: Double??
    public var step: Double??
    public var options: [String]??

    public init() {}

    func applied(to range: ActuatorRange) -> ActuatorRange {
        ActuatorRange(
            minimum: self.minimum ?? range.minimum, maximum: self.maximum ?? range.maximum,
            step: self.step ?? range.step, options: self.options ?? range.options
        )
    }
}

/// A threshold that shall be made.
public struct NewThreshold: Sendable, Hashable {
    public var kind: Threshold.Kind
    public var value: Double
    public var severity: Threshold.Severity
    public var clearBand: Double?
    public var forSeconds: Int?

    public init(
        kind: Threshold.Kind, value: Double, severity: Threshold.Severity = .warning, clearBand: Double? = nil,
        forSeconds: Int? = nil
    ) {
        self.kind = kind
        self.value = value
        self.severity = severity
        self.clearBand = clearBand
        self.forSeconds = forSeconds
    }
}
