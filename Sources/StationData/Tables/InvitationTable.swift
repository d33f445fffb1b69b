import FoundationEssentials
import GRDB
import StationCore

/// The rows of `invitations`.
struct InvitationTable {
    let db: Database

    func insert(
        _ hash: [UInt8], for email: EmailAddress, role: UserRole, by inviter: UserID?, at time: Timestamp,
        until end: Timestamp
    ) throws {
        // A new invitation takes the place of an older one for the same person.
        try self.db.execute(
            sql: "DELETE FROM invitations WHERE email = ? AND accepted_at IS NULL", arguments: [email.description]
        )
        try self.db.execute(
            sql: """
                INSERT INTO invitations (id, email, role, token_hash, invited_by, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                UserID.make(at: time).description, email.description, role.rawValue, Data(hash), inviter?.description,
                time.milliseconds, end.milliseconds,
            ]
        )
    }

    /// Uses an invitation up.
    ///
    /// - Returns: The role that it gives; `nil` when there is no such invitation for this address any more.
    func accept(_ hash: [UInt8], by email: EmailAddress, at time: Timestamp) throws -> UserRole? {
        let role = try String.fetchOne(
            self.db,
            sql: """
                UPDATE invitations SET accepted_at = ?1
                WHERE token_hash = ?2 AND email = ?3 AND accepted_at IS NULL AND expires_at > ?1 RETURNING role
                """,
            arguments: [time.milliseconds, Data(hash), email.description]
        )
        return role.flatMap(UserRole.init)
    }

    func deleteExpired(at time: Timestamp) throws {
        try self.db.execute(sql: "DELETE FROM invitations WHERE expires_at <= ?", arguments: [time.milliseconds])
    }
}
