import GRDB
public import StationCore
import Synchronization

extension StationHub {
    /// As many rooms as one place has.
    public static let maximumZones = 500

    /// The rooms of all places, oldest first.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func zones() async throws(StoreError) -> [Zone] {
        try await self.read("reading the rooms") { try ZoneTable(db: $0).all() }
    }

    /// - Throws: `StoreError.notFound`, `.unavailable`.
    public func zone(_ id: ZoneID) async throws(StoreError) -> Zone {
        try await self.read("reading a room") { try self.zone(id, in: $0) }
    }

    private func zone(_ id: ZoneID, in db: Database) throws -> Zone {
        guard let zone = try ZoneTable(db: db).zone(id) else { throw StoreError.notFound(.zone, id: id.description) }
        return zone
    }

    /// Makes a room.
    ///
    /// - Parameter placeID: `nil`: the default place.
    /// - Throws: `StoreError.invalid`, `.conflict` for a place that has too many, `.unavailable`.
    public func addZone(name: String, in placeID: PlaceID? = nil) async throws(StoreError) -> Zone {
        try await self.commit("adding a room") { db in
            let time = self.clock.wallTime
            let zone = Zone(id: .make(at: time), placeID: placeID ?? self.defaultPlaceID, name: name, createdAt: time)
            try StoreError.demand(name, in: "name", 1...Zone.maximumNameLength)
            guard try PlaceTable(db: db).place(zone.placeID) != nil else {
                throw StoreError.invalid(field: "placeId", message: "There is no place “\(zone.placeID)”.")
            }
            let zones = ZoneTable(db: db)
            guard try zones.count(in: zone.placeID) < Self.maximumZones else {
                throw StoreError.conflict(
                    field: "name", value: name, message: "A place has at most \(Self.maximumZones) rooms."
                )
            }
            try zones.insert(zone)
            return (zone, CommitEffects())
        }
    }

    /// - Throws: `StoreError.notFound`, `.invalid`, `.unavailable`.
    public func renameZone(_ id: ZoneID, to name: String) async throws(StoreError) -> Zone {
        try await self.commit("changing a room") { db in
            var zone = try self.zone(id, in: db)
            try StoreError.demand(name, in: "name", 1...Zone.maximumNameLength)
            zone.name = name
            zone.updatedAt = self.clock.wallTime
            try ZoneTable(db: db).update(zone)
            return (zone, CommitEffects())
        }
    }

    /// Deletes a room. Its devices stay, in no room.
    ///
    /// - Throws: `StoreError.notFound`, `.unavailable`.
    public func removeZone(_ id: ZoneID) async throws(StoreError) {
        try await self.commit("removing a room") { db in
            _ = try self.zone(id, in: db)
            var effects = CommitEffects()
            let time = self.clock.wallTime
            for var device in self.devices(in: id) {
                device.zoneID = nil
                device.updatedAt = time
                guard try DeviceTable(db: db).updateIdentity(of: device) else { continue }
                let committed = device
                effects.changes.append { live in
                    live.update(committed.id) { $0.device.takeIdentity(of: committed) }
                }
                effects.events.append(.deviceUpdated(device.id))
            }
            try ZoneTable(db: db).delete(id)
            return ((), effects)
        }
    }

    private func devices(in zone: ZoneID) -> [Device] {
        self.live.withLock { live in live.slots.map(\.device).filter { $0.zoneID == zone } }
    }
}
