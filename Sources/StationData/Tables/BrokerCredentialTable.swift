import FoundationEssentials
import GRDB
import StationCore

/// The rows of `broker_credentials`.
struct BrokerCredentialTable {
    let db: Database

    /// Those that have not expired, the oldest first.
    func live(at time: Timestamp) throws -> [BrokerCredential] {
        try self.rows(at: time).map(\.credential)
    }

    /// The same, with the sealed passwords that a broker must still be told.
    func rows(at time: Timestamp) throws -> [(credential: BrokerCredential, password: Data?)] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT username, user_id, subject, verifier, password, created_at, expires_at FROM broker_credentials
                WHERE expires_at > ? ORDER BY created_at, username
                """,
            arguments: [time.milliseconds]
        ).compactMap { row in
            guard let owner = try Self.owner(row), let verifier = PasswordVerifier(row["verifier"] as String) else {
                return nil
            }
            let credential = BrokerCredential(
                username: row["username"], owner: owner, verifier: verifier,
                createdAt: Timestamp(milliseconds: row["created_at"]),
                expiresAt: Timestamp(milliseconds: row["expires_at"])
            )
            return (credential, row["password"])
        }
    }

    private static func owner(_ row: Row) throws -> CredentialOwner? {
        if let user = row["user_id"] as String? { return UserID(user).map { .user($0) } }
        guard let text = row["subject"] as String?, let json = try JSONValue.parse(text).objectValue else { return nil }
        return TokenSubject(json: json).map { .token($0) }
    }

    func replace(_ credential: BrokerCredential, password: Data) throws {
        var user: String?
        var subject: String?
        switch credential.owner {
        case .user(let id): user = id.description
        case .token(let token): subject = JSONValue.object(token.json).description
        }
        try self.db.execute(
            sql: """
                INSERT OR REPLACE INTO broker_credentials
                    (username, user_id, subject, verifier, password, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                credential.username, user, subject, credential.verifier.description, password,
                credential.createdAt.milliseconds, credential.expiresAt.milliseconds,
            ]
        )
    }

    func deleteExpired(at time: Timestamp) throws -> Int {
        try self.db.execute(sql: "DELETE FROM broker_credentials WHERE expires_at <= ?", arguments: [time.milliseconds])
        return self.db.changesCount
    }

    /// Returns how many somebody had.
    func delete(of user: UserID) throws -> Int {
        try self.db.execute(sql: "DELETE FROM broker_credentials WHERE user_id = ?", arguments: [user.description])
        return self.db.changesCount
    }

    /// Ends all logins of somebody. Returns whether there were any.
    func delete(of user: UserID) throws -> Bool {
        try self.db.execute(sql: "DELETE FROM broker_credentials WHERE user_id = ?", arguments: [user.description])
        return self.db.changesCount > 0
    }

    func forgetPassword(of username: String, verifiedBy verifier: PasswordVerifier) throws {
        try self.db.execute(
            sql: "UPDATE broker_credentials SET password = NULL WHERE username = ? AND verifier = ?",
            arguments: [username, verifier.description]
        )
    }
}
