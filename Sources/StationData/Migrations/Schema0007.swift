/// What the station knows of its claim (contract 4). The table of `Schema0005` was never written to, and kept the token
/// in clear; secrets are closed here (`SecretSeal`).
enum Schema0007 {
    static let cloudClaim = """
        DROP TABLE cloud_config;
        CREATE TABLE cloud_config (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            claim_secret BLOB NOT NULL,
            station_token BLOB,
            claimed_at INTEGER,
            -- A token that the cloud has refused, for the day on which the cloud may have been wrong.
            token_aside BLOB,
            aside_at INTEGER,
            -- NULL until the cloud has asked for some.
            channels TEXT CHECK (channels IS NULL OR json_valid(channels)),
            -- How far a reset of the station has come; NULL when none is under way.
            reset_step TEXT CHECK (reset_step IN ('devices')),
            updated_at INTEGER NOT NULL,
            CHECK ((station_token IS NULL) = (claimed_at IS NULL)),
            CHECK ((token_aside IS NULL) = (aside_at IS NULL))
        ) STRICT;
        """
}
