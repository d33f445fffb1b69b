import GRDB
import StationCore

/// What ties an account to the cloud.
extension UserTable {
    /// Makes the account of somebody who has a password in the cloud alone, if any.
    func insertCloudUser(_ user: User) throws {
        try self.db.execute(
            sql: "INSERT INTO users (id, email, role, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                user.id.description, user.email, user.role.rawValue, user.createdAt.milliseconds,
                user.updatedAt.milliseconds,
            ]
        )
        try self.update(user)
    }

    func user(cloudUserID: String) throws -> User? {
        guard
            let text = try String.fetchOne(
                self.db, sql: "SELECT id FROM users WHERE cloud_user_id = ?", arguments: [cloudUserID]
            )
        else { return nil }
        return try UserID(text).flatMap { try self.user($0) }
    }

    /// Notes which account in the cloud it is, the password that the cloud has sent, if it has, and that this is the
    /// cloud's word of now.
    func link(_ id: UserID, to cloudUserID: String, passwordHash: BcryptHash?, at time: Timestamp) throws {
        try self.db.execute(
            sql: """
                UPDATE users SET cloud_user_id = ?, cloud_synced_at = ?,
                    station_password_hash = ifnull(?, station_password_hash)
                WHERE id = ?
                """,
            arguments: [cloudUserID, time.milliseconds, passwordHash?.text.revealed, id.description]
        )
    }

    /// Makes an account give up what is unique to it, so that others can take it over within one transaction.
    func release(_ id: UserID, email isEmailReleased: Bool, cloudUserID isLinkReleased: Bool) throws {
        try self.db.execute(
            sql: """
                UPDATE users SET email = iif(?1, id, email), cloud_user_id = iif(?2, NULL, cloud_user_id) WHERE id = ?3
                """,
            arguments: [isEmailReleased, isLinkReleased, id.description]
        )
    }

    /// Takes the role of owner away, so that somebody else can get it within one transaction.
    func demoteOwner() throws {
        try self.db.execute(sql: "UPDATE users SET role = 'admin' WHERE role = 'owner'")
    }

    /// Nobody gets in by the password that was set here any more.
    func forgetLocalPassword(of id: UserID) throws {
        try self.db.execute(sql: "UPDATE users SET password_hash = NULL WHERE id = ?", arguments: [id.description])
    }
}
