import FoundationEssentials
import GRDB
import StationCore

/// The rows of `refresh_tokens`: each sign-in is a family of tokens that replace each other.
struct RefreshTokenTable {
    /// Sign-ins of one person at a time; of more, the oldest ends.
    static let maximumSessions = 50
    /// Tokens of one sign-in that have not expired. The used ones are kept, so that a copy gives itself away; an app that
    /// renews every five minutes for thirty days has 8 640.
    static let maximumTokens = 10_000

    struct Row {
        let userID: UserID
        let sessionID: SessionID
        let expiresAt: Timestamp
        let usedAt: Timestamp?
    }

    let db: Database

    func insert(
        _ hash: [UInt8], of userID: UserID, in sessionID: SessionID, at time: Timestamp, until end: Timestamp
    )
        throws
    {
        try self.db.execute(
            sql: """
                INSERT INTO refresh_tokens (id, user_id, family_id, token_hash, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                SessionID.make(at: time).description, userID.description, sessionID.description, Data(hash),
                time.milliseconds, end.milliseconds,
            ]
        )
    }

    func row(_ hash: [UInt8]) throws -> Row? {
        guard
            let row = try GRDB.Row.fetchOne(
                self.db,
                sql: """
                    SELECT user_id, family_id, expires_at, used_at FROM refresh_tokens WHERE token_hash = ?
                    """,
                arguments: [Data(hash)]
            ),
            let userID = UserID(row["user_id"] as String), let sessionID = SessionID(row["family_id"] as String)
        else { return nil }
        return Row(
            userID: userID, sessionID: sessionID, expiresAt: Timestamp(milliseconds: row["expires_at"]),
            usedAt: (row["used_at"] as Int64?).map(Timestamp.init)
        )
    }

    func markUsed(_ hash: [UInt8], at time: Timestamp) throws {
        try self.db.execute(
            sql: "UPDATE refresh_tokens SET used_at = ? WHERE token_hash = ?",
            arguments: [time.milliseconds, Data(hash)]
        )
    }

    /// How many tokens a family has, or got since a moment.
    func count(in sessionID: SessionID, since time: Timestamp = Timestamp(milliseconds: 0)) throws -> Int {
        try Int.fetchOne(
            self.db, sql: "SELECT count(*) FROM refresh_tokens WHERE family_id = ? AND created_at >= ?",
            arguments: [sessionID.description, time.milliseconds]
        ) ?? 0
    }

    /// Ends a sign-in: none of its tokens is known any more.
    func delete(_ sessionID: SessionID) throws {
        try self.db.execute(
            sql: "DELETE FROM refresh_tokens WHERE family_id = ?", arguments: [sessionID.description]
        )
    }

    /// The sign-ins that can still be continued, the oldest first.
    func liveSessions(at time: Timestamp, of userID: UserID? = nil) throws -> [(SessionID, UserID)] {
        try GRDB.Row.fetchAll(
            self.db,
            sql: """
                SELECT family_id, user_id FROM refresh_tokens
                WHERE expires_at > ?1 AND (?2 IS NULL OR user_id = ?2)
                GROUP BY family_id, user_id ORDER BY min(created_at)
                """,
            arguments: [time.milliseconds, userID?.description]
        ).compactMap { row in
            guard let session = SessionID(row["family_id"] as String), let user = UserID(row["user_id"] as String)
            else { return nil }
            return (session, user)
        }
    }

    /// Forgets what no longer means anything.
    func deleteExpired(at time: Timestamp) throws {
        try self.db.execute(sql: "DELETE FROM refresh_tokens WHERE expires_at <= ?", arguments: [time.milliseconds])
    }
}
