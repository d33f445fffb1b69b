/// Device types, devices and what is measured, driven and watched on them.
enum Schema0003 {
    static let devices = """
        CREATE TABLE device_types (
            id TEXT PRIMARY KEY NOT NULL,
            category TEXT NOT NULL CHECK (category IN ('sensor', 'actuator')),
            description TEXT NOT NULL CHECK (json_valid(description)),
            updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE devices (
            id TEXT PRIMARY KEY NOT NULL,
            external_id TEXT NOT NULL CHECK (length(external_id) BETWEEN 1 AND 64),
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            type TEXT,
            place_id TEXT NOT NULL REFERENCES places (id),
            zone_id TEXT REFERENCES zones (id) ON DELETE SET NULL,
            status TEXT NOT NULL CHECK (status IN ('online', 'offline', 'provisioning', 'revoked')),
            status_reason TEXT,
            last_known_state TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(last_known_state)),
            last_seen_at INTEGER,
            last_heartbeat_at INTEGER,
            firmware_version TEXT,
            chip TEXT,
            kit_tag TEXT,
            dialect TEXT,
            address_scope TEXT,
            token_hash BLOB,
            broker_verifier TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT;
        -- A revoked device keeps its row, so that it is never told unknown_device, and frees its name.
        CREATE UNIQUE INDEX devices_by_external_id ON devices (external_id) WHERE status <> 'revoked';
        CREATE INDEX devices_revoked ON devices (external_id) WHERE status = 'revoked';
        CREATE INDEX devices_by_place ON devices (place_id);
        CREATE INDEX devices_by_zone ON devices (zone_id);
        CREATE UNIQUE INDEX devices_by_token ON devices (token_hash) WHERE token_hash IS NOT NULL;

        CREATE TABLE sensors (
            id TEXT PRIMARY KEY NOT NULL,
            device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
            key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
            name TEXT NOT NULL,
            value_type TEXT NOT NULL CHECK (value_type IN ('number', 'boolean')),
            unit_label TEXT NOT NULL DEFAULT '',
            precision INTEGER NOT NULL DEFAULT 2,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            UNIQUE (device_id, key)
        ) STRICT;

        CREATE TABLE actuators (
            id TEXT PRIMARY KEY NOT NULL,
            device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
            key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
            name TEXT NOT NULL,
            value_type TEXT NOT NULL CHECK (value_type IN ('number', 'boolean', 'enum')),
            unit_label TEXT NOT NULL DEFAULT '',
            precision INTEGER NOT NULL DEFAULT 2,
            min_value REAL,
            max_value REAL,
            step REAL CHECK (step IS NULL OR step > 0),
            enum_options TEXT CHECK (enum_options IS NULL OR json_valid(enum_options)),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            CHECK (min_value IS NULL OR max_value IS NULL OR min_value <= max_value),
            CHECK (value_type <> 'enum' OR enum_options IS NOT NULL),
            UNIQUE (device_id, key)
        ) STRICT;

        CREATE TABLE thresholds (
            id TEXT PRIMARY KEY NOT NULL,
            sensor_id TEXT NOT NULL REFERENCES sensors (id) ON DELETE CASCADE,
            type TEXT NOT NULL CHECK (type IN ('min', 'max')),
            value REAL NOT NULL,
            severity TEXT NOT NULL DEFAULT 'warning' CHECK (severity IN ('warning', 'critical')),
            clear_band REAL CHECK (clear_band IS NULL OR clear_band >= 0),
            for_seconds INTEGER CHECK (for_seconds IS NULL OR for_seconds >= 0),
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX thresholds_by_sensor ON thresholds (sensor_id);

        -- A snapshot: an alert outlives the threshold and the sensor that raised it.
        CREATE TABLE alerts (
            id TEXT PRIMARY KEY NOT NULL,
            place_id TEXT NOT NULL REFERENCES places (id) ON DELETE CASCADE,
            device_id TEXT NOT NULL,
            sensor_id TEXT NOT NULL,
            threshold_id TEXT NOT NULL,
            key TEXT NOT NULL,
            threshold_type TEXT NOT NULL CHECK (threshold_type IN ('min', 'max')),
            threshold_value REAL NOT NULL,
            severity TEXT NOT NULL CHECK (severity IN ('warning', 'critical')),
            value REAL NOT NULL,
            last_value REAL NOT NULL,
            peak_value REAL NOT NULL,
            count INTEGER NOT NULL DEFAULT 1,
            created_at INTEGER NOT NULL,
            resolved_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX alerts_one_open ON alerts (threshold_id) WHERE resolved_at IS NULL;
        CREATE INDEX alerts_by_place ON alerts (place_id, created_at);
        CREATE INDEX alerts_by_device ON alerts (device_id, created_at);
        """
}
