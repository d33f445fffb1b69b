import GRDB
public import StationCore
import Synchronization

extension StationHub {
    /// As many places as one user can own.
    public static let maximumOwnedPlaces = 100

    // MARK: Memory

    /// What somebody is in a place; `nil` for no member of it. Answered from memory.
    public func placeRole(of userID: UserID, in placeID: PlaceID) -> PlaceRole? {
        self.live.withLock { $0.memberships.role(of: userID, in: placeID) }
    }

    /// The places of which somebody is a member. Answered from memory.
    public func places(of userID: UserID) -> Set<PlaceID> {
        self.live.withLock { $0.memberships.places(of: userID) }
    }

    /// The places whose devices somebody sees; `nil` for all of them. Answered from memory.
    public func visiblePlaces(of user: User) -> Set<PlaceID>? {
        self.live.withLock { self.visiblePlaces(of: user, in: $0) }
    }

    func visiblePlaces(of user: User, in live: LiveStation) -> Set<PlaceID>? {
        if user.ownsEveryPlace { return nil }
        let places = live.memberships.places(of: user.id)
        // Whoever belongs to the station looks on in the default place without being listed there.
        return user.stationRole == nil ? places : places.union([self.defaultPlaceID])
    }

    // MARK: Places

    /// Every place of the station, oldest first.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func places() async throws(StoreError) -> [Place] {
        try await self.read("reading the places") { try PlaceTable(db: $0).all() }
    }

    /// - Throws: `StoreError.notFound`, `.unavailable`.
    public func place(_ id: PlaceID) async throws(StoreError) -> Place {
        try await self.read("reading a place") { try self.place(id, in: $0) }
    }

    func place(_ id: PlaceID, in db: Database) throws -> Place {
        guard let place = try PlaceTable(db: db).place(id) else {
            throw StoreError.notFound(.place, id: id.description)
        }
        return place
    }

    /// Makes a place; its maker owns it.
    ///
    /// - Throws: `StoreError.invalid`, `.conflict` for somebody who owns too many, `.unavailable`.
    public func addPlace(
        name: String, description: String = "", owner: UserID
    ) async throws(StoreError) -> Place {
        try await self.commit("adding a place") { db in
            let time = self.clock.wallTime
            let place = Place(id: .make(at: time), name: name, description: description, createdAt: time)
            try self.validate(place)
            let members = MemberTable(db: db)
            guard try members.count(ownedBy: owner) < Self.maximumOwnedPlaces else {
                throw StoreError.conflict(
                    field: "name", value: name, message: "Nobody can own more than \(Self.maximumOwnedPlaces) places."
                )
            }
            try PlaceTable(db: db).insert(place)
            let membership = Membership(placeID: place.id, userID: owner, role: .owner)
            try members.insert(membership, at: time)
            return (place, .membership(of: owner) { $0.set(membership) })
        }
    }

    /// Gives a place a name and a description; what is `nil` stays.
    ///
    /// - Throws: `StoreError.notFound`, `.invalid`, `.unavailable`.
    public func updatePlace(
        _ id: PlaceID, name: String?, description: String?
    ) async throws(StoreError) -> Place {
        try await self.commit("changing a place") { db in
            var place = try self.place(id, in: db)
            place.name = name ?? place.name
            place.description = description ?? place.description
            place.updatedAt = self.clock.wallTime
            try self.validate(place)
            try PlaceTable(db: db).update(place)
            return (place, CommitEffects())
        }
    }

    private func validate(_ place: Place) throws(StoreError) {
        try StoreError.demand(place.name, in: "name", 1...Place.maximumNameLength)
        try StoreError.demand(place.description, in: "description", 0...Place.maximumDescriptionLength)
    }

    /// Deletes a place with all that is in it. Its devices become tombstones, as if each had been removed: they are
    /// refused, and told nothing (contract 1, rule 10).
    ///
    /// - Returns: What the caller should know, in sentences.
    /// - Throws: `StoreError.notFound`, `.conflict` for the default place, `.unavailable`.
    public func removePlace(_ id: PlaceID) async throws(StoreError) -> [String] {
        try await self.commit("removing a place") { db in
            let place = try self.place(id, in: db)
            guard !place.isDefault else {
                throw StoreError.conflict(
                    field: "place_id", value: id.description,
                    message:
                        "“\(place.name)” is the place to which devices belong when nothing else is said; it cannot "
                        + "be deleted, only renamed and emptied."
                )
            }
            var effects = CommitEffects()
            let devices = try DeviceTable(db: db).all(in: id)
            for device in devices {
                guard try DeviceTable(db: db).revoke(device.id, at: self.clock.wallTime) else { continue }
                effects += self.effectsOfRemoval(of: device.id)
            }
            let members = try MemberTable(db: db).members(of: id)
            try PlaceTable(db: db).delete(id, movingTombstonesTo: self.defaultPlaceID)
            effects.changes.append { $0.memberships.remove(id) }
            effects.events += members.map { .membershipChanged($0.userID) }
            return (self.warnings(for: devices), effects)
        }
    }

    private func warnings(for devices: [Device]) -> [String] {
        guard let first = devices.first else { return [] }
        let which = devices.count == 1 ? "The device “\(first.name)” was" : "\(devices.count) devices were"
        return ["\(which) removed with the place; to be used again, a device must be added again."]
    }

    // MARK: Helpers of all that belongs to places

    /// Asks the store.
    func read<Result: Sendable>(
        _ what: String, _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(StoreError) -> Result {
        try await StoreError.wrapping(what) { try await self.writer.read(body) }
    }

    /// A device, if it belongs to a place.
    ///
    /// - Throws: `StoreError.deviceNotFound` for one that does not, or is not there at all.
    public func device(_ id: DeviceID, in placeID: PlaceID) throws(StoreError) -> Device {
        guard let device = self.device(id), device.placeID == placeID else {
            throw .deviceNotFound(id.description)
        }
        return device
    }
}

extension CommitEffects {
    /// A change of somebody's membership.
    static func membership(
        of user: UserID, _ change: @escaping @Sendable (inout LiveMemberships) -> Void
    ) -> CommitEffects {
        CommitEffects(changes: [{ change(&$0.memberships) }], events: [.membershipChanged(user)])
    }
}

extension StoreError {
    /// Refuses a text that is too long, too short, or that SQLite would see only a part of.
    static func demand(_ text: String, in field: String, _ length: ClosedRange<Int>) throws(StoreError) {
        // SQLite counts the characters of a text only up to the first NUL.
        let scalars = text.unicodeScalars
        guard length.contains(scalars.count), !scalars.contains("\0") else {
            throw .invalid(
                field: field,
                message: "“\(field)” has \(scalars.count) characters; it must have \(length.lowerBound)–"
                    + "\(length.upperBound) and no NUL."
            )
        }
    }
}
