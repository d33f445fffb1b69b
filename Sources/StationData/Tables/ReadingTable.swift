import GRDB
import StationCore

/// The history: a journal in order of arrival, and batches clustered by series and time (see `Schema0004`).
struct ReadingTable {
    let db: Database

    // MARK: Series

    /// The number of a series, made if need be; `nil` when the device is gone.
    func seriesID(of deviceID: DeviceID, key: String) throws -> Int64? {
        let arguments: StatementArguments = [deviceID.description, key]
        let find = try self.db.cachedStatement(sql: "SELECT id FROM reading_series WHERE device_id = ? AND key = ?")
        if let id = try Int64.fetchOne(find, arguments: arguments) { return id }
        try self.db.cachedStatement(
            sql: """
                INSERT INTO reading_series (device_id, key)
                SELECT id, ?2 FROM devices WHERE id = ?1 AND status <> 'revoked'
                """
        ).execute(arguments: arguments)
        return try Int64.fetchOne(find, arguments: arguments)
    }

    /// The series of a device with their keys, in the order of the keys.
    func series(of deviceID: DeviceID) throws -> [(id: Int64, key: String)] {
        try Row.fetchAll(
            self.db, sql: "SELECT id, key FROM reading_series WHERE device_id = ? ORDER BY key",
            arguments: [deviceID.description]
        ).map { ($0["id"], $0["key"]) }
    }

    func deleteSeries(of deviceID: DeviceID) throws {
        for (id, _) in try self.series(of: deviceID) {
            try self.db.execute(
                sql: "DELETE FROM reading_points WHERE batch IN (SELECT id FROM reading_batches) AND series_id = ?",
                arguments: [id]
            )
            try self.db.execute(sql: "DELETE FROM reading_journal WHERE series_id = ?", arguments: [id])
            try self.db.execute(sql: "DELETE FROM reading_series WHERE id = ?", arguments: [id])
        }
    }

    // MARK: Journal

    func append(series: Int64, time: Timestamp, value: Double) throws {
        let statement = try self.db.cachedStatement(
            sql: "INSERT INTO reading_journal (series_id, time, value) VALUES (?, ?, ?)"
        )
        statement.setUncheckedArguments([series, time.milliseconds, value])
        try statement.execute()
    }

    /// How many readings wait in the journal, by their running number.
    func journalRange() throws -> ClosedRange<Int64>? {
        guard
            // Two queries: SQLite finds one end of a key at once, but scans the table for both.
            let row = try Row.fetchOne(
                self.db,
                sql: """
                    SELECT (SELECT min(id) FROM reading_journal) AS first, (SELECT max(id) FROM reading_journal) AS last
                    """
            ),
            let first = row["first"] as Int64?, let last = row["last"] as Int64?
        else { return nil }
        return first...last
    }

    // MARK: Settling

    /// The batch that takes the journal as it now stands, or the one whose copying was broken off; `nil` when there is
    /// nothing to settle.
    func openBatch() throws -> ReadingBatch? {
        let find = "SELECT id, journal_last FROM reading_batches WHERE is_settled = 0"
        if let row = try Row.fetchOne(self.db, sql: find) { return ReadingBatch(row) }
        try self.db.execute(
            sql: """
                INSERT INTO reading_batches (journal_last, first_time, last_time)
                SELECT max(id), min(time), max(time) FROM reading_journal HAVING count(*) > 0
                """
        )
        return try Row.fetchOne(self.db, sql: find).map(ReadingBatch.init)
    }

    /// Copies the journal's readings of some series into a batch. Repeating it changes nothing.
    func copy(series: ClosedRange<Int64>, into batch: ReadingBatch) throws {
        try self.db.execute(
            sql: """
                INSERT OR REPLACE INTO reading_points (batch, series_id, time, value)
                SELECT ?, series_id, time, value FROM reading_journal
                WHERE id <= ? AND series_id BETWEEN ? AND ? AND series_id IN (SELECT id FROM reading_series)
                ORDER BY series_id, time, id
                """,
            arguments: [batch.id, batch.journalLast, series.lowerBound, series.upperBound]
        )
    }

    /// From here on a batch stands for what it was copied from.
    func settle(_ batch: ReadingBatch) throws {
        try self.db.execute(
            sql: """
                UPDATE reading_series SET last_batch = ?
                WHERE id IN (SELECT series_id FROM reading_journal WHERE id <= ?)
                """,
            arguments: [batch.id, batch.journalLast]
        )
        try self.db.execute(sql: "DELETE FROM reading_journal WHERE id <= ?", arguments: [batch.journalLast])
        try self.db.execute(sql: "UPDATE reading_batches SET is_settled = 1 WHERE id = ?", arguments: [batch.id])
    }

    func highestSeriesID() throws -> Int64 {
        try Int64.fetchOne(self.db, sql: "SELECT max(id) FROM reading_series") ?? 0
    }

    // MARK: Forgetting

    /// The settled batches that hold readings from before a time.
    func batches(before time: Timestamp) throws -> [Int64] {
        try Int64.fetchAll(
            self.db, sql: "SELECT id FROM reading_batches WHERE is_settled = 1 AND first_time < ? ORDER BY id",
            arguments: [time.milliseconds]
        )
    }

    /// Drops what a batch holds from before a time, and the batch when nothing is left.
    func trim(_ batch: Int64, before time: Timestamp) throws {
        try self.db.execute(
            sql: "DELETE FROM reading_points WHERE batch = ? AND time < ?", arguments: [batch, time.milliseconds]
        )
        try self.db.execute(
            sql: """
                UPDATE reading_batches SET first_time = (SELECT min(time) FROM reading_points WHERE batch = ?1)
                WHERE id = ?1 AND EXISTS (SELECT 1 FROM reading_points WHERE batch = ?1)
                """,
            arguments: [batch]
        )
        try self.db.execute(
            sql: """
                DELETE FROM reading_batches
                WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM reading_points WHERE batch = ?1)
                """,
            arguments: [batch]
        )
    }

    /// Returns how many there were.
    func deleteEmptySeries() throws -> Int {
        try self.db.execute(
            sql: """
                DELETE FROM reading_series
                WHERE NOT EXISTS (SELECT 1 FROM reading_batches WHERE id <= last_batch)
                    AND id NOT IN (SELECT series_id FROM reading_journal)
                """
        )
        return self.db.changesCount
    }

    // MARK: Reading

    /// The stored readings of one series in [from, to), by time; at most `limit`, the oldest cut.
    ///
    /// - Parameter except: Moments of which memory knows better.
    func points(
        of series: Int64, from: Timestamp, to: Timestamp, except: [Timestamp], limit: Int
    ) throws -> [ReadingSeries.RawPoint] {
        let rows = try Row.fetchAll(
            self.db, sql: "\(Self.union) ORDER BY time DESC LIMIT \(limit)",
            arguments: Self.unionArguments(series, from, to, except)
        )
        return rows.reversed().map {
            ReadingSeries.RawPoint(time: Timestamp(milliseconds: $0["time"]), value: $0["value"])
        }
    }

    /// The same, folded by SQLite into buckets that begin at multiples of `interval` milliseconds since 1970.
    func buckets(
        of series: Int64, from: Timestamp, to: Timestamp, except: [Timestamp], interval: Int64
    ) throws -> [ReadingSeries.Bucket] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT time / \(interval) * \(interval) AS start, avg(value) AS average, min(value) AS minimum,
                    max(value) AS maximum, count(*) AS count
                FROM (\(Self.union)) GROUP BY start ORDER BY start
                """,
            arguments: Self.unionArguments(series, from, to, except)
        ).map {
            ReadingSeries.Bucket(
                time: Timestamp(milliseconds: $0["start"]), average: $0["average"], minimum: $0["minimum"],
                maximum: $0["maximum"], count: $0["count"]
            )
        }
    }

    /// The newest stored reading of every key of a device.
    func latest(of deviceID: DeviceID) throws -> [String: ReadingSeries.RawPoint] {
        var newest: [String: ReadingSeries.RawPoint] = [:]
        for row in try Row.fetchAll(self.db, sql: Self.latest, arguments: [deviceID.description]) {
            let point = ReadingSeries.RawPoint(time: Timestamp(milliseconds: row["time"]), value: row["value"])
            // Of two at one moment the journal has the later: its rows come last.
            if newest[row["key"]].map({ $0.time <= point.time }) ?? true { newest[row["key"]] = point }
        }
        return newest
    }

    /// The newest of each series in the batch that holds its last arrivals and in the journal; and whatever is newer than
    /// that in older batches, since what came last may have been late.
    private static let latest = """
        WITH mine AS (SELECT id, key, last_batch FROM reading_series WHERE device_id = ?),
        last AS (
            SELECT m.id, m.key, m.last_batch, max(p.time) AS time, p.value FROM mine m
                JOIN reading_points p ON p.batch = m.last_batch AND p.series_id = m.id
                JOIN reading_batches b ON b.id = m.last_batch AND b.is_settled = 1
            GROUP BY m.id
        )
        SELECT m.key, max(p.time) AS time, p.value
        FROM mine m LEFT JOIN last l ON l.id = m.id
            CROSS JOIN reading_batches b CROSS JOIN reading_points p ON p.batch = b.id AND p.series_id = m.id
        WHERE b.is_settled = 1 AND b.id < m.last_batch AND b.last_time > ifnull(l.time, -1)
            AND p.time > ifnull(l.time, -1)
        GROUP BY m.id
        UNION ALL
        SELECT key, time, value FROM last
        UNION ALL
        SELECT m.key, max(j.time), j.value FROM reading_journal j JOIN mine m ON m.id = j.series_id GROUP BY m.id
        """

    /// One reading for every moment: the last to arrive, which the journal holds rather than a batch, and a later batch
    /// rather than an earlier one. (SQLite takes `value` from the row that has the `max`.)
    private static let union = """
        SELECT time, value FROM (
            SELECT time, value, max(arrival) FROM (
                SELECT p.time, p.value, b.id AS arrival
                FROM reading_batches b CROSS JOIN reading_points p ON p.batch = b.id
                WHERE b.is_settled = 1 AND b.last_time >= ?2 AND b.first_time < ?3
                    AND p.series_id = ?1 AND p.time >= ?2 AND p.time < ?3
                UNION ALL
                SELECT time, value, (1 << 60) + id FROM reading_journal
                WHERE series_id = ?1 AND time >= ?2 AND time < ?3
            ) GROUP BY time
        ) WHERE time NOT IN (SELECT value FROM json_each(?4))
        """

    private static func unionArguments(
        _ series: Int64, _ from: Timestamp, _ to: Timestamp, _ except: [Timestamp]
    ) -> StatementArguments {
        let moments = JSONValue.array(except.map { .integer($0.milliseconds) })
        return [series, from.milliseconds, to.milliseconds, moments.description]
    }
}
