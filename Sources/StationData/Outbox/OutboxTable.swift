import GRDB
import StationCore

/// The rows of `outbox`.
struct OutboxTable {
    static let maximumRows = 10_000
    static let maximumBytes = 16 << 20
    /// What is cut off beyond a limit: a little more than must be, so that a full outbox is not searched at every write.
    private static let spareRows = 100
    private static let spareBytes = 64 << 10
    private static let requestKind = "request"
    /// Whether the cloud has ever acknowledged anything.
    private static let acknowledgesKey = "cloud.acknowledges"

    let db: Database

    // MARK: Writing

    /// Whether there is a cloud to whom anything is to be told.
    func hasReader() throws -> Bool {
        try Bool.fetchOne(
            self.db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM cloud_config WHERE claimed_at IS NOT NULL)")
        ) ?? false
    }

    func append(_ notification: CloudNotification, at time: Timestamp) throws {
        let eventID = EventID.make(at: time).description
        var params = notification.params
        params["eventId"] = .string(eventID)
        try self.insert(
            eventID: eventID, kind: notification.channel.rawValue, coalesceKey: notification.coalesceKey,
            method: notification.method, params: params, at: time
        )
    }

    func append(request method: String, _ params: JSONObject, at time: Timestamp) throws {
        let eventID = EventID.make(at: time).description
        try self.insert(
            eventID: eventID, kind: Self.requestKind, coalesceKey: nil, method: method, params: params, at: time
        )
    }

    private func insert(
        eventID: String, kind: String, coalesceKey: String?, method: String, params: JSONObject, at time: Timestamp
    ) throws {
        let payload = JSONValue.object(["method": .string(method), "params": .object(params)]).description
        try self.db.cachedStatement(
            sql: """
                INSERT INTO outbox (event_id, kind, coalesce_key, payload, size, created_at) VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [eventID, kind, coalesceKey, payload, payload.utf8.count, time.milliseconds])
    }

    /// Cuts off what is too much: first what something newer has made superfluous, oldest first, then the oldest that
    /// something newer may yet make so, then the oldest of all.
    ///
    /// - Returns: How many rows were lost.
    func trim() throws -> Int {
        let before = try self.tally()
        guard before.rows > Self.maximumRows || before.bytes > Self.maximumBytes else { return 0 }
        let superfluous = """
            SELECT id, size FROM outbox o WHERE EXISTS
                (SELECT 1 FROM outbox n WHERE n.coalesce_key = o.coalesce_key AND n.id > o.id)
            """
        for candidates in [
            superfluous, "SELECT id, size FROM outbox WHERE coalesce_key IS NOT NULL", "SELECT id, size FROM outbox",
        ] {
            let tally = try self.tally()
            guard tally.rows > Self.maximumRows || tally.bytes > Self.maximumBytes else { break }
            // Those before the limit of rows is kept, or that of bytes: the running sums are without the row itself.
            try self.db.execute(
                sql: """
                    DELETE FROM outbox WHERE id IN (
                        SELECT id FROM (
                            SELECT id, row_number() OVER (ORDER BY id) - 1 AS rows_before,
                                sum(size) OVER (ORDER BY id) - size AS bytes_before
                            FROM (\(candidates))
                        ) WHERE rows_before < ? OR bytes_before < ?
                    )
                    """,
                arguments: [
                    Self.excess(tally.rows, over: Self.maximumRows, sparing: Self.spareRows),
                    Self.excess(tally.bytes, over: Self.maximumBytes, sparing: Self.spareBytes),
                ]
            )
        }
        return before.rows - (try self.tally().rows)
    }

    private static func excess(_ value: Int, over limit: Int, sparing spare: Int) -> Int {
        value > limit ? value - limit + spare : 0
    }

    // MARK: Reading

    func tally() throws -> OutboxTally {
        let row = try Row.fetchOne(
            self.db.cachedStatement(sql: "SELECT count(*) AS rows, ifnull(sum(size), 0) AS bytes FROM outbox")
        )
        return OutboxTally(
            rows: row?["rows"] ?? 0, bytes: row?["bytes"] ?? 0, cloudAcknowledges: try self.cloudAcknowledges()
        )
    }

    /// In their order.
    func rows(after id: Int64, limit: Int) throws -> [OutboxRow] {
        try Row.fetchAll(
            self.db.cachedStatement(
                sql: """
                    SELECT id, event_id, kind, payload, created_at FROM outbox WHERE id > ? ORDER BY id LIMIT ?
                    """
            ),
            arguments: [id, limit]
        ).map { row in
            let payload = try JSONValue.parse(row["payload"] as String)
            let kind: String = row["kind"]
            return OutboxRow(
                id: row["id"], eventID: row["event_id"],
                // A later version may have written a kind that is unknown here; as news nobody wants, it goes.
                kind: kind == Self.requestKind
                    ? .request : .notification(CloudChannel(rawValue: kind) ?? .provisioning),
                method: payload["method"]?.stringValue ?? "",
                params: payload["params"]?.objectValue ?? JSONObject(),
                createdAt: Timestamp(milliseconds: row["created_at"])
            )
        }
    }

    // MARK: Deleting

    func delete(_ eventIDs: [String]) throws -> Int {
        let ids = JSONValue.array(eventIDs.map(JSONValue.string)).description
        try self.db.execute(
            sql: "DELETE FROM outbox WHERE event_id IN (SELECT value FROM json_each(?))", arguments: [ids]
        )
        return self.db.changesCount
    }

    /// Deletes the notifications up to a row; requests wait for their answers.
    func deleteNotifications(through id: Int64) throws {
        try self.db.execute(
            sql: "DELETE FROM outbox WHERE id <= ? AND kind <> ?", arguments: [id, Self.requestKind]
        )
    }

    /// Forgets everything about this cloud: another shall not be told what was meant for it.
    func clear() throws {
        try self.db.execute(sql: "DELETE FROM outbox")
        try self.db.execute(sql: "DELETE FROM settings WHERE key = ?", arguments: [Self.acknowledgesKey])
    }

    // MARK: What is known of the cloud

    func cloudAcknowledges() throws -> Bool {
        try StationTable(db: self.db).setting(Self.acknowledgesKey) == true
    }

    func noteThatCloudAcknowledges(at time: Timestamp) throws {
        try StationTable(db: self.db).set(Self.acknowledgesKey, to: true, at: time)
    }
}
