public import StationCore

/// A device that shall be made.
public struct NewDevice: Sendable, Hashable {
    public let name: String
    public let type: String?
    /// `nil`: the device's new id serves as its name on the broker as well.
    public let externalID: ExternalID?
    /// `nil`: the default place.
    public let placeID: PlaceID?
    public let zoneID: ZoneID?

    public init(
        name: String, type: String? = nil, externalID: ExternalID? = nil, placeID: PlaceID? = nil,
        zoneID: ZoneID? = nil
    ) {
        self.name = name
        self.type = type
        self.externalID = externalID
        self.placeID = placeID
        self.zoneID = zoneID
    }
}

/// What shall change about a device; whatever is `nil` stays.
public struct DeviceChanges: Sendable, Hashable {
    public var name: String?
    public var type: String?
    /// Moving to another place leaves the zone, unless one of the new place is given.
    public var placeID: PlaceID?
    /// `.some(nil)` takes the device out of its zone.
    public var zoneID: ZoneID??

    public init() {}
}
