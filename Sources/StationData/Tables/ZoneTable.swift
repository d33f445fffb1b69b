import GRDB
import StationCore

/// The rows of `zones`.
struct ZoneTable {
    let db: Database

    func zone(_ id: ZoneID) throws -> Zone? {
        try self.zones(where: "id = ?", [id.description]).first
    }

    /// Whether a zone is there and lies in that place.
    func hasZone(_ id: ZoneID, in place: PlaceID) throws -> Bool {
        try self.zone(id)?.placeID == place
    }

    /// Oldest first.
    func all() throws -> [Zone] {
        try self.zones(where: "true ORDER BY id", [])
    }

    func count(in place: PlaceID) throws -> Int {
        try Int.fetchOne(
            self.db, sql: "SELECT count(*) FROM zones WHERE place_id = ?", arguments: [place.description]
        ) ?? 0
    }

    private func zones(where condition: String, _ arguments: StatementArguments) throws -> [Zone] {
        try Row.fetchAll(
            self.db, sql: "SELECT id, place_id, name, created_at, updated_at FROM zones WHERE \(condition)",
            arguments: arguments
        ).compactMap { row in
            guard let id = ZoneID(row["id"] as String), let place = PlaceID(row["place_id"] as String) else {
                return nil
            }
            return Zone(
                id: id, placeID: place, name: row["name"], createdAt: Timestamp(milliseconds: row["created_at"]),
                updatedAt: Timestamp(milliseconds: row["updated_at"])
            )
        }
    }

    func insert(_ zone: Zone) throws {
        try self.db.execute(
            sql: "INSERT INTO zones (id, place_id, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                zone.id.description, zone.placeID.description, zone.name, zone.createdAt.milliseconds,
                zone.updatedAt.milliseconds,
            ]
        )
    }

    func update(_ zone: Zone) throws {
        try self.db.execute(
            sql: "UPDATE zones SET name = ?, updated_at = ? WHERE id = ?",
            arguments: [zone.name, zone.updatedAt.milliseconds, zone.id.description]
        )
    }

    /// Deletes a zone; SQLite takes its devices out of it.
    func delete(_ id: ZoneID) throws {
        try self.db.execute(sql: "DELETE FROM zones WHERE id = ?", arguments: [id.description])
    }
}
