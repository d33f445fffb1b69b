/// The cloud link's memory, firmware images and the record of updates.
enum Schema0005 {
    static let cloudAndFirmware = """
        CREATE TABLE cloud_config (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            station_token TEXT,
            claimed_by TEXT,
            claimed_at INTEGER,
            last_connected_at INTEGER,
            sync_watermark INTEGER,
            updated_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            coalesce_key TEXT,
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX outbox_by_coalesce_key ON outbox (coalesce_key) WHERE coalesce_key IS NOT NULL;

        CREATE TABLE firmwares (
            id TEXT PRIMARY KEY NOT NULL,
            device_type TEXT NOT NULL,
            chip TEXT,
            version TEXT NOT NULL,
            file TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL CHECK (size > 0),
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX firmwares_by_version ON firmwares (device_type, ifnull(chip, ''), version);

        CREATE TABLE ota_logs (
            id TEXT PRIMARY KEY NOT NULL,
            device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
            firmware_id TEXT NOT NULL REFERENCES firmwares (id) ON DELETE CASCADE,
            status TEXT NOT NULL,
            error TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX ota_logs_by_device ON ota_logs (device_id, firmware_id);
        """
}
