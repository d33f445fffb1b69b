/// Readings and the activity feed.
///
/// Readings come in by arrival and are asked for by series. One table cannot serve both on an SD card: kept by series,
/// every flush touches a page of every series (12 MB a flush at 1 000 devices). So they are appended to a journal and,
/// now and then, moved as one batch into a table clustered by batch, series and time: a batch is appended as well, a
/// query looks into each batch of its range, and forgetting drops whole batches. `readings` shows all as one.
enum Schema0004 {
    static let history = """
        -- AUTOINCREMENT: a number is never used again, so that a late reading of a removed device finds nobody else's.
        CREATE TABLE reading_series (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
            key TEXT NOT NULL,
            -- The newest batch that holds readings of it.
            last_batch INTEGER,
            UNIQUE (device_id, key)
        ) STRICT;

        CREATE TABLE reading_journal (
            id INTEGER PRIMARY KEY,
            series_id INTEGER NOT NULL,
            time INTEGER NOT NULL,
            value REAL NOT NULL
        ) STRICT;

        -- A batch that is not settled yet is being copied: what it holds still stands in the journal.
        CREATE TABLE reading_batches (
            id INTEGER PRIMARY KEY,
            journal_last INTEGER NOT NULL,
            first_time INTEGER NOT NULL,
            last_time INTEGER NOT NULL,
            is_settled INTEGER NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1))
        ) STRICT;

        CREATE TABLE reading_points (
            batch INTEGER NOT NULL REFERENCES reading_batches (id),
            series_id INTEGER NOT NULL,
            time INTEGER NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (batch, series_id, time)
        ) STRICT, WITHOUT ROWID;

        CREATE VIEW readings (device_id, external_id, key, time, value) AS
            SELECT s.device_id, d.external_id, s.key, p.time, p.value
            FROM reading_points p JOIN reading_batches b ON b.id = p.batch AND b.is_settled = 1
                JOIN reading_series s ON s.id = p.series_id JOIN devices d ON d.id = s.device_id
            UNION ALL
            SELECT s.device_id, d.external_id, s.key, j.time, j.value
            FROM reading_journal j JOIN reading_series s ON s.id = j.series_id JOIN devices d ON d.id = s.device_id;

        -- The id is a UUIDv7: its order is the order of time, so the primary key serves ranges of time as well.
        CREATE TABLE device_events (
            id TEXT PRIMARY KEY NOT NULL,
            device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
            event_type TEXT NOT NULL,
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX device_events_by_device ON device_events (device_id, id);
        """
}
