public import StationCore

/// Which part of the activity feed is wanted.
public struct EventQuery: Sendable, Hashable {
    public var deviceID: DeviceID?
    /// Only of devices of these places: what the asker may see.
    public var visiblePlaces: Set<PlaceID>?
    public var type: DeviceEvent.EventType?
    /// The first moment that belongs to it.
    public var from: Timestamp?
    /// The first moment that no longer does.
    public var to: Timestamp?
    public var offset = 0
    public var limit = 1000

    public init() {}
}

/// A line of the activity feed with the names that a person reads.
public struct FeedEntry: Sendable, Hashable {
    public let event: DeviceEvent
    public let deviceName: String
    public let deviceType: String?

    public init(event: DeviceEvent, deviceName: String, deviceType: String?) {
        self.event = event
        self.deviceName = deviceName
        self.deviceType = deviceType
    }
}
