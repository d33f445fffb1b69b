import GRDB
public import StationCore

extension StationHub {
    /// As many people as belong to one place.
    public static let maximumMembers = 500

    /// The members of a place, in the order in which they came.
    ///
    /// - Throws: `StoreError.notFound`, `.unavailable`.
    public func members(of placeID: PlaceID) async throws(StoreError) -> [PlaceMember] {
        try await self.read("reading the members of a place") { db in
            _ = try self.place(placeID, in: db)
            return try MemberTable(db: db).members(of: placeID)
        }
    }

    /// Makes somebody a member.
    ///
    /// - Parameter actor: What the caller is in the place. It is judged before the e-mail address is looked up, so that
    ///   nobody finds out who has an account here.
    /// - Throws: `StoreError.forbidden` (`MembershipRule`), `.notFound` for the place or an unknown e-mail address,
    ///   `.conflict` for somebody who is a member already, `.unavailable`.
    public func addMember(
        email: String, role: PlaceRole, to placeID: PlaceID, by actor: PlaceRole
    ) async throws(StoreError) {
        if let reason = MembershipRule(actor: actor).reasonNotToAdd(role) { throw .forbidden(reason) }
        try await self.commit("adding a member") { db in
            _ = try self.place(placeID, in: db)
            let members = MemberTable(db: db)
            // What is no address at all is nobody's.
            guard let user = try EmailAddress(email).flatMap(UserTable(db: db).user(email:))?.id else {
                throw StoreError.notFound(.user, id: email)
            }
            guard try members.role(of: user, in: placeID) == nil else {
                throw StoreError.conflict(
                    field: "email", value: email, message: "“\(email)” is a member of this place already."
                )
            }
            guard try members.members(of: placeID).count < Self.maximumMembers else {
                throw StoreError.conflict(
                    field: "email", value: email, message: "A place has at most \(Self.maximumMembers) members."
                )
            }
            let membership = Membership(placeID: placeID, userID: user, role: role)
            try members.insert(membership, at: self.clock.wallTime)
            return ((), .membership(of: user) { $0.set(membership) })
        }
    }

    /// Gives a member another role.
    ///
    /// - Throws: `StoreError.forbidden` (`MembershipRule`), `.notFound`, `.unavailable`.
    public func changeRole(
        of userID: UserID, in placeID: PlaceID, to role: PlaceRole, by actor: PlaceRole
    ) async throws(StoreError) {
        // What is wrong whoever the member is, is said first: it must not tell who is one.
        if let reason = MembershipRule(actor: actor).reasonNotToChange(from: .viewer, to: role) {
            throw .forbidden(reason)
        }
        try await self.commit("changing a member's role") { db in
            let old = try self.role(of: userID, in: placeID, db)
            if let reason = MembershipRule(actor: actor).reasonNotToChange(from: old, to: role) {
                throw StoreError.forbidden(reason)
            }
            guard old != role else { return ((), CommitEffects()) }
            let membership = Membership(placeID: placeID, userID: userID, role: role)
            try MemberTable(db: db).update(membership)
            return ((), .membership(of: userID) { $0.set(membership) })
        }
    }

    /// Removes a member, or lets one leave.
    ///
    /// - Parameters:
    ///   - actorID: Who asks for it.
    ///   - actor: What that one is in the place.
    /// - Throws: `StoreError.forbidden` (`MembershipRule`), `.notFound`, `.unavailable`.
    public func removeMember(
        _ userID: UserID, from placeID: PlaceID, by actorID: UserID, as actor: PlaceRole
    ) async throws(StoreError) {
        let rule = MembershipRule(actor: actor)
        if let reason = rule.reasonNotToRemove(.viewer, isOneself: userID == actorID) { throw .forbidden(reason) }
        try await self.commit("removing a member") { db in
            let role = try self.role(of: userID, in: placeID, db)
            if let reason = rule.reasonNotToRemove(role, isOneself: userID == actorID) {
                throw StoreError.forbidden(reason)
            }
            try MemberTable(db: db).delete(userID, from: placeID)
            return ((), .membership(of: userID) { $0.remove(userID, from: placeID) })
        }
    }

    private func role(of userID: UserID, in placeID: PlaceID, _ db: Database) throws -> PlaceRole {
        _ = try self.place(placeID, in: db)
        guard let role = try MemberTable(db: db).role(of: userID, in: placeID) else {
            throw StoreError.notFound(.member, id: userID.description)
        }
        return role
    }
}
