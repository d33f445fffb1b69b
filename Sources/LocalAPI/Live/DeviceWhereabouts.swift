import StationCore

/// In which place each device was when it was last heard of: of one that is gone nothing else tells.
struct DeviceWhereabouts: Sendable {
    private var places: [DeviceID: PlaceID]

    init(_ devices: [Device]) {
        self.places = Dictionary(uniqueKeysWithValues: devices.map { ($0.id, $0.placeID) })
    }

    /// The places that news of a device concern: of one that has just moved, both.
    mutating func places(of id: DeviceID, now: PlaceID?) -> Set<PlaceID> {
        let before = self.places[id]
        if before != now { self.places[id] = now }
        return Set([before, now].compactMap(\.self))
    }
}
