/// A violation of a threshold: a snapshot that outlives the threshold and the sensor that raised it.
public struct Alert: Sendable, Hashable {
    public let id: AlertID
    public var placeID: PlaceID
    public let deviceID: DeviceID
    public let sensorID: SensorID
    public let thresholdID: ThresholdID
    public let key: String
    public let kind: Threshold.Kind
    public let limit: Double
    public let severity: Threshold.Severity
    public var tally: AlertTally
    public let createdAt: Timestamp
    /// `nil` while it is open.
    public var resolvedAt: Timestamp?

    public init(
        id: AlertID, placeID: PlaceID, deviceID: DeviceID, key: String, threshold: Threshold, tally: AlertTally,
        createdAt: Timestamp
    ) {
        self.init(
            id: id, placeID: placeID, deviceID: deviceID, sensorID: threshold.sensorID, thresholdID: threshold.id,
            key: key, kind: threshold.kind, limit: threshold.value, severity: threshold.severity, tally: tally,
            createdAt: createdAt, resolvedAt: nil
        )
    }

    public init(
        id: AlertID, placeID: PlaceID, deviceID: DeviceID, sensorID: SensorID, thresholdID: ThresholdID, key: String,
        kind: Threshold.Kind, limit: Double, severity: Threshold.Severity, tally: AlertTally, createdAt: Timestamp,
        resolvedAt: Timestamp?
    ) {
        self.id = id
        self.placeID = placeID
        self.deviceID = deviceID
        self.sensorID = sensorID
        self.thresholdID = thresholdID
        self.key = key
        self.kind = kind
        self.limit = limit
        self.severity = severity
        self.tally = tally
        self.createdAt = createdAt
        self.resolvedAt = resolvedAt
    }

    public var isOpen: Bool { self.resolvedAt == nil }
}

/// What is remembered of the readings of one violation.
public struct AlertTally: Sendable, Hashable {
    /// The reading with which the alert began.
    public let value: Double
    public var lastValue: Double
    /// The one farthest beyond the limit.
    public var peakValue: Double
    /// How many readings were beyond it.
    public var count: Int

    public init(value: Double, lastValue: Double, peakValue: Double, count: Int) {
        self.value = value
        self.lastValue = lastValue
        self.peakValue = peakValue
        self.count = count
    }

    public init(_ value: Double) {
        self.init(value: value, lastValue: value, peakValue: value, count: 1)
    }
}
