import GRDB
import StationCore

/// The rows of `place_members`.
struct MemberTable {
    let db: Database

    /// Every membership of the station.
    func all() throws -> [Membership] {
        try Row.fetchAll(self.db, sql: "SELECT place_id, user_id, role FROM place_members").compactMap { row in
            guard let place = PlaceID(row["place_id"] as String), let user = UserID(row["user_id"] as String),
                let role = PlaceRole(rawValue: row["role"] as String)
            else { return nil }
            return Membership(placeID: place, userID: user, role: role)
        }
    }

    /// The members of a place with their names, in the order in which they came.
    func members(of place: PlaceID) throws -> [PlaceMember] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT m.user_id, m.role, u.name, u.email FROM place_members m JOIN users u ON u.id = m.user_id
                WHERE m.place_id = ? ORDER BY m.created_at, m.user_id
                """,
            arguments: [place.description]
        ).compactMap { row in
            guard let user = UserID(row["user_id"] as String), let role = PlaceRole(rawValue: row["role"] as String)
            else { return nil }
            let (name, email) = (row["name"] as String, row["email"] as String)
            return PlaceMember(
                placeID: place, userID: user, role: role, userName: name.isEmpty ? email : name, email: email
            )
        }
    }

    func role(of user: UserID, in place: PlaceID) throws -> PlaceRole? {
        try String.fetchOne(
            self.db, sql: "SELECT role FROM place_members WHERE place_id = ? AND user_id = ?",
            arguments: [place.description, user.description]
        ).flatMap(PlaceRole.init)
    }

    func count(ownedBy user: UserID) throws -> Int {
        try Int.fetchOne(
            self.db, sql: "SELECT count(*) FROM place_members WHERE user_id = ? AND role = 'owner'",
            arguments: [user.description]
        ) ?? 0
    }

    func insert(_ membership: Membership, at time: Timestamp) throws {
        try self.db.execute(
            sql: "INSERT INTO place_members (place_id, user_id, role, created_at) VALUES (?, ?, ?, ?)",
            arguments: [
                membership.placeID.description, membership.userID.description, membership.role.rawValue,
                time.milliseconds,
            ]
        )
    }

    func update(_ membership: Membership) throws {
        try self.db.execute(
            sql: "UPDATE place_members SET role = ? WHERE place_id = ? AND user_id = ?",
            arguments: [
                membership.role.rawValue, membership.placeID.description, membership.userID.description,
            ]
        )
    }

    func delete(_ user: UserID, from place: PlaceID) throws {
        try self.db.execute(
            sql: "DELETE FROM place_members WHERE place_id = ? AND user_id = ?",
            arguments: [place.description, user.description]
        )
    }
}

/// That somebody belongs to a place, and as what.
struct Membership: Hashable, Sendable {
    let placeID: PlaceID
    let userID: UserID
    let role: PlaceRole
}
