import GRDB
import StationCore

/// The rows of `places`.
struct PlaceTable {
    let db: Database

    func place(_ id: PlaceID) throws -> Place? {
        try self.places(where: "id = ?", [id.description]).first
    }

    /// Oldest first.
    func all() throws -> [Place] {
        try self.places(where: "true ORDER BY id", [])
    }

    private func places(where condition: String, _ arguments: StatementArguments) throws -> [Place] {
        try Row.fetchAll(
            self.db,
            sql: "SELECT id, name, description, is_default, created_at, updated_at FROM places WHERE \(condition)",
            arguments: arguments
        ).compactMap { row in
            PlaceID(row["id"] as String).map { id in
                Place(
                    id: id, name: row["name"], description: row["description"], isDefault: row["is_default"],
                    createdAt: Timestamp(milliseconds: row["created_at"]),
                    updatedAt: Timestamp(milliseconds: row["updated_at"])
                )
            }
        }
    }

    func insert(_ place: Place) throws {
        try self.db.execute(
            sql: """
                INSERT INTO places (id, name, description, is_default, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                place.id.description, place.name, place.description, place.isDefault, place.createdAt.milliseconds,
                place.updatedAt.milliseconds,
            ]
        )
    }

    func update(_ place: Place) throws {
        try self.db.execute(
            sql: "UPDATE places SET name = ?, description = ?, updated_at = ? WHERE id = ?",
            arguments: [place.name, place.description, place.updatedAt.milliseconds, place.id.description]
        )
    }

    /// Deletes a place with its zones, members and alerts; tombstones that lie in it move to another one.
    func delete(_ id: PlaceID, movingTombstonesTo other: PlaceID) throws {
        try self.db.execute(
            sql: "UPDATE devices SET place_id = ?, zone_id = NULL WHERE place_id = ? AND status = 'revoked'",
            arguments: [other.description, id.description]
        )
        try self.db.execute(sql: "DELETE FROM places WHERE id = ?", arguments: [id.description])
    }
}
