/// How many bytes wait for the cloud must be known at every write (contract 4: at most 16 MiB), without reading them.
enum Schema0008 {
    static let outboxSizes = """
        ALTER TABLE outbox ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
        UPDATE outbox SET size = length(CAST(payload AS BLOB));
        CREATE INDEX outbox_by_size ON outbox (size);
        """
}
