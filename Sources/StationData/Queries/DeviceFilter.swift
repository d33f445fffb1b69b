public import StationCore

/// Which devices a list shall show; whatever is `nil` does not matter.
public struct DeviceFilter: Sendable, Hashable {
    public var placeID: PlaceID?
    /// Only those of these places: what the asker may see.
    public var visiblePlaces: Set<PlaceID>?
    public var zoneID: ZoneID?
    public var type: String?
    public var status: DeviceStatus?
    /// Part of the name or of the external id, in either case.
    public var text: String?

    public init() {}

    func admits(_ device: Device) -> Bool {
        (self.placeID == nil || device.placeID == self.placeID)
            && (self.visiblePlaces?.contains(device.placeID) ?? true)
            && (self.zoneID == nil || device.zoneID == self.zoneID)
            && (self.type == nil || device.type == self.type)
            && (self.status == nil || device.status == self.status)
            && self.text.map { wanted in
                let wanted = wanted.lowercased()
                return device.name.lowercased().contains(wanted)
                    || device.externalID.description.lowercased().contains(wanted)
            } ?? true
    }
}
