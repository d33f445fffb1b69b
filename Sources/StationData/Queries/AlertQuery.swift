public import StationCore

/// Which alerts of a place are wanted; whatever is `nil` does not matter.
public struct AlertQuery: Sendable, Hashable {
    public let placeID: PlaceID
    /// `true`: those that are open; `false`: those that are resolved.
    public var isOpen: Bool?
    public var severity: Threshold.Severity?
    public var sensorID: SensorID?
    public var deviceID: DeviceID?
    /// The first moment of opening that belongs to it.
    public var from: Timestamp?
    /// The first moment that no longer does.
    public var to: Timestamp?
    public var offset = 0
    public var limit = 1000

    public init(in placeID: PlaceID) {
        self.placeID = placeID
    }
}
