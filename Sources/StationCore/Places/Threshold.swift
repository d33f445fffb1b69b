/// A limit on what a sensor measures, and what happens beyond it (contract 2, "Alert rules").
public struct Threshold: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Less than the value is too little.
        case min
        /// More than the value is too much.
        case max
    }

    public enum Severity: String, Sendable, Hashable, CaseIterable {
        case warning, critical
    }

    /// As long as a violation can be asked to last, in seconds: a day.
    public static let maximumForSeconds = 86_400
    /// As many as one sensor has.
    public static let maximumCount = 20

    public let id: ThresholdID
    public let sensorID: SensorID
    public let kind: Kind
    public let value: Double
    public let severity: Severity
    /// How far back inside the limit a value must be for an alert to end by itself; `nil`: only by hand.
    public let clearBand: Double?
    /// How long a violation must last before it is an alert.
    public let forSeconds: Int?
    public let createdAt: Timestamp

    public init(
        id: ThresholdID, sensorID: SensorID, kind: Kind, value: Double, severity: Severity = .warning,
        clearBand: Double? = nil, forSeconds: Int? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.sensorID = sensorID
        self.kind = kind
        self.value = value
        self.severity = severity
        self.clearBand = clearBand
        self.forSeconds = forSeconds
        self.createdAt = createdAt
    }
}
