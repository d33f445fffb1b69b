/// The station itself, its settings, and its places with their rooms.
///
/// In all tables: ids are UUIDv7 as text, times are milliseconds since 1970 in UTC.
enum Schema0001 {
    static let station = """
        CREATE TABLE station (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            id TEXT NOT NULL,
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE settings (
            key TEXT PRIMARY KEY NOT NULL,
            value TEXT NOT NULL CHECK (json_valid(value)),
            updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE places (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            description TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
            is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX places_one_default ON places (is_default) WHERE is_default = 1;

        CREATE TABLE zones (
            id TEXT PRIMARY KEY NOT NULL,
            place_id TEXT NOT NULL REFERENCES places (id) ON DELETE CASCADE,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX zones_by_place ON zones (place_id);
        """
}
