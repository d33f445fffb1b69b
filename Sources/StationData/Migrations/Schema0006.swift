/// Logins at the broker (contract 6). A login's password is kept, sealed, only until the broker has been told, since a
/// broker cannot be given a hash while it runs.
enum Schema0006 {
    static let brokerLogins = """
        ALTER TABLE devices ADD COLUMN broker_password BLOB;

        CREATE TABLE broker_credentials (
            username TEXT PRIMARY KEY NOT NULL CHECK (length(username) BETWEEN 1 AND 255),
            user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
            subject TEXT CHECK (subject IS NULL OR json_valid(subject)),
            verifier TEXT NOT NULL,
            password BLOB,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            CHECK ((user_id IS NULL) <> (subject IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX broker_credentials_by_user ON broker_credentials (user_id) WHERE user_id IS NOT NULL;
        CREATE INDEX broker_credentials_by_expiry ON broker_credentials (expires_at);
        """
}
