import GRDB
import StationCore

/// The station's own row, its settings and its default place.
struct StationTable {
    let db: Database

    static let configuredNameKey = "station.configuredName"

    /// Writes who this station is. A name that was given to it since goes before the configured one, until that changes.
    ///
    /// - Returns: The name that holds.
    func upsert(id: StationID, configuredName: String, at time: Timestamp) throws -> String {
        try self.db.execute(
            sql: """
                INSERT INTO station (only_row, id, name, created_at) VALUES (1, ?, ?, ?)
                ON CONFLICT (only_row) DO UPDATE SET id = excluded.id WHERE id <> excluded.id
                """,
            arguments: [id.description, configuredName, time.milliseconds]
        )
        if try self.setting(Self.configuredNameKey) != .string(configuredName) {
            try self.set(Self.configuredNameKey, to: .string(configuredName), at: time)
            try self.rename(configuredName)
        }
        return try self.name() ?? configuredName
    }

    func name() throws -> String? {
        try String.fetchOne(self.db, sql: "SELECT name FROM station")
    }

    func rename(_ name: String) throws {
        try self.db.execute(sql: "UPDATE station SET name = ? WHERE name <> ?", arguments: [name, name])
    }

    /// The place that exists from the first start, made now if it does not.
    func defaultPlace(at time: Timestamp) throws -> PlaceID {
        if let text = try String.fetchOne(self.db, sql: "SELECT id FROM places WHERE is_default = 1"),
            let id = PlaceID(text)
        {
            return id
        }
        let id = PlaceID.make(at: time)
        try self.db.execute(
            sql: "INSERT INTO places (id, name, is_default, created_at, updated_at) VALUES (?, 'Home', 1, ?, ?)",
            arguments: [id.description, time.milliseconds, time.milliseconds]
        )
        return id
    }

    func setting(_ key: String) throws -> JSONValue? {
        guard
            let text = try String.fetchOne(self.db, sql: "SELECT value FROM settings WHERE key = ?", arguments: [key])
        else { return nil }
        return try JSONValue.parse(text)
    }

    /// All settings, in the order of their keys.
    func settings() throws -> JSONObject {
        var settings = JSONObject()
        for row in try Row.fetchAll(self.db, sql: "SELECT key, value FROM settings ORDER BY key") {
            settings[row["key"] as String] = try JSONValue.parse(row["value"] as String)
        }
        return settings
    }

    func set(_ key: String, to value: JSONValue, at time: Timestamp) throws {
        try self.db.execute(
            sql: """
                INSERT INTO settings (key, value, updated_at) VALUES (?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
                """,
            arguments: [key, value.description, time.milliseconds]
        )
    }

    /// Writes the compiled-in and configured types, and forgets those that are no longer there.
    func replaceDeviceTypes(_ types: [DeviceType], at time: Timestamp) throws {
        for type in types {
            try self.db.execute(
                sql: """
                    INSERT INTO device_types (id, category, description, updated_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET category = excluded.category, description = excluded.description,
                        updated_at = excluded.updated_at
                    WHERE description <> excluded.description
                    """,
                arguments: [type.id, type.category.rawValue, type.json.description, time.milliseconds]
            )
        }
        let ids = JSONValue.array(types.map { .string($0.id) }).description
        try self.db.execute(
            sql: "DELETE FROM device_types WHERE id NOT IN (SELECT value FROM json_each(?))", arguments: [ids]
        )
    }
}
