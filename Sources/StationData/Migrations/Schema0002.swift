/// Users, their sessions, one-time passwords, memberships and invitations.
enum Schema0002 {
    static let accounts = """
        CREATE TABLE users (
            id TEXT PRIMARY KEY NOT NULL,
            email TEXT NOT NULL COLLATE NOCASE CHECK (length(email) BETWEEN 3 AND 254),
            name TEXT NOT NULL DEFAULT '',
            password_hash TEXT,
            station_password_hash TEXT,
            role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
            email_verified INTEGER NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1)),
            cloud_user_id TEXT,
            cloud_synced_at INTEGER,
            sessions_revoked_at INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX users_by_email ON users (email);
        CREATE UNIQUE INDEX users_by_cloud_user ON users (cloud_user_id) WHERE cloud_user_id IS NOT NULL;
        CREATE UNIQUE INDEX users_one_owner ON users (role) WHERE role = 'owner';

        CREATE TABLE refresh_tokens (
            id TEXT PRIMARY KEY NOT NULL,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            family_id TEXT NOT NULL,
            token_hash BLOB NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            used_at INTEGER,
            revoked_at INTEGER
        ) STRICT;
        CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
        CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
        CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

        CREATE TABLE otp_requests (
            id TEXT PRIMARY KEY NOT NULL,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            code_hash BLOB NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            consumed_at INTEGER
        ) STRICT;
        CREATE INDEX otp_requests_by_user ON otp_requests (user_id);

        CREATE TABLE place_members (
            place_id TEXT NOT NULL REFERENCES places (id) ON DELETE CASCADE,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'viewer')),
            created_at INTEGER NOT NULL,
            PRIMARY KEY (place_id, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX place_members_by_user ON place_members (user_id);

        CREATE TABLE station_members (
            user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE invitations (
            id TEXT PRIMARY KEY NOT NULL,
            email TEXT NOT NULL COLLATE NOCASE,
            role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
            token_hash BLOB NOT NULL UNIQUE,
            invited_by TEXT REFERENCES users (id) ON DELETE SET NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            accepted_at INTEGER
        ) STRICT;
        """
}
