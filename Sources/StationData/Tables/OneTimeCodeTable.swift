import FoundationEssentials
import GRDB
import StationCore

/// The rows of `otp_requests`: at most one that counts for each person.
struct OneTimeCodeTable {
    struct Row {
        let id: String
        let hash: [UInt8]
        let attempts: Int
        let createdAt: Timestamp
        let expiresAt: Timestamp
    }

    let db: Database

    /// The newest code of a person that was not used.
    func latest(of userID: UserID) throws -> Row? {
        try GRDB.Row.fetchOne(
            self.db,
            sql: """
                SELECT id, code_hash, attempts, created_at, expires_at FROM otp_requests
                WHERE user_id = ? AND consumed_at IS NULL ORDER BY id DESC LIMIT 1
                """,
            arguments: [userID.description]
        ).map { row in
            Row(
                id: row["id"], hash: Array(row["code_hash"] as Data), attempts: row["attempts"],
                createdAt: Timestamp(milliseconds: row["created_at"]),
                expiresAt: Timestamp(milliseconds: row["expires_at"])
            )
        }
    }

    func replace(_ hash: [UInt8], of userID: UserID, at time: Timestamp, until end: Timestamp) throws {
        try self.db.execute(sql: "DELETE FROM otp_requests WHERE user_id = ?", arguments: [userID.description])
        try self.db.execute(
            sql: """
                INSERT INTO otp_requests (id, user_id, code_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                UserID.make(at: time).description, userID.description, Data(hash), time.milliseconds, end.milliseconds,
            ]
        )
    }

    func countAttempt(_ id: String) throws {
        try self.db.execute(sql: "UPDATE otp_requests SET attempts = attempts + 1 WHERE id = ?", arguments: [id])
    }

    func consume(_ id: String, at time: Timestamp) throws {
        try self.db.execute(
            sql: "UPDATE otp_requests SET consumed_at = ? WHERE id = ?", arguments: [time.milliseconds, id]
        )
    }

    func deleteExpired(at time: Timestamp) throws {
        try self.db.execute(sql: "DELETE FROM otp_requests WHERE expires_at <= ?", arguments: [time.milliseconds])
    }
}
