import GRDB
import StationCore

/// The rows of `users` and `station_members`.
struct UserTable {
    let db: Database

    /// Oldest first.
    func all() throws -> [User] {
        try self.users(where: "1 ORDER BY u.id", [])
    }

    func user(_ id: UserID) throws -> User? {
        try self.users(where: "u.id = ?", [id.description]).first
    }

    func user(email: EmailAddress) throws -> User? {
        try self.users(where: "u.email = ?", [email.description]).first
    }

    func count() throws -> Int {
        try Int.fetchOne(self.db, sql: "SELECT count(*) FROM users") ?? 0
    }

    func insert(_ user: User, passwordHash: String) throws {
        try self.db.execute(
            sql: """
                INSERT INTO users (id, email, name, password_hash, role, email_verified, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                user.id.description, user.email, user.name, passwordHash, user.role.rawValue, user.isEmailVerified,
                user.createdAt.milliseconds, user.updatedAt.milliseconds,
            ]
        )
        try self.setStationRole(user.stationRole, of: user.id, at: user.createdAt)
    }

    /// Writes all of an account but its passwords.
    func update(_ user: User) throws {
        try self.db.execute(
            sql: """
                UPDATE users SET email = ?, name = ?, role = ?, email_verified = ?, sessions_revoked_at = ?, updated_at = ?
                WHERE id = ?
                """,
            arguments: [
                user.email, user.name, user.role.rawValue, user.isEmailVerified,
                user.sessionsRevokedAt?.milliseconds, user.updatedAt.milliseconds, user.id.description,
            ]
        )
        try self.setStationRole(user.stationRole, of: user.id, at: user.updatedAt)
    }

    private func setStationRole(_ role: UserRole?, of id: UserID, at time: Timestamp) throws {
        guard let role else {
            try self.db.execute(sql: "DELETE FROM station_members WHERE user_id = ?", arguments: [id.description])
            return
        }
        try self.db.execute(
            sql: """
                INSERT INTO station_members (user_id, role, created_at) VALUES (?, ?, ?)
                ON CONFLICT (user_id) DO UPDATE SET role = excluded.role
                """,
            arguments: [id.description, role.rawValue, time.milliseconds]
        )
    }

    func delete(_ id: UserID) throws {
        try self.db.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [id.description])
    }

    // MARK: Passwords

    func passwordHashes(of id: UserID) throws -> PasswordHashes? {
        try Row.fetchOne(
            self.db, sql: "SELECT password_hash, station_password_hash, cloud_synced_at FROM users WHERE id = ?",
            arguments: [id.description]
        ).map { row in
            PasswordHashes(
                local: row["password_hash"], cloud: row["station_password_hash"],
                cloudSyncedAt: (row["cloud_synced_at"] as Int64?).map(Timestamp.init)
            )
        }
    }

    /// A password that is set here puts the one of the cloud out of force as well.
    func setPasswordHash(_ hash: String, of id: UserID) throws {
        try self.db.execute(
            sql: "UPDATE users SET password_hash = ?, station_password_hash = NULL WHERE id = ?",
            arguments: [hash, id.description]
        )
    }

    private func users(where condition: String, _ arguments: StatementArguments) throws -> [User] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT u.id, u.email, u.name, u.role, m.role AS station_role, u.email_verified, u.cloud_user_id,
                    u.created_at, u.updated_at, u.sessions_revoked_at
                FROM users u LEFT JOIN station_members m ON m.user_id = u.id WHERE \(condition)
                """,
            arguments: arguments
        ).map(User.init(row:))
    }
}

extension User {
    /// - Throws: `StoreError.unavailable` for a row that this version cannot have written.
    fileprivate init(row: Row) throws {
        guard let id = UserID(row["id"] as String), let role = UserRole(rawValue: row["role"] as String) else {
            throw StoreError.unavailable("the row of user \(row["id"] as String) is damaged")
        }
        self.init(
            id: id, email: row["email"], name: row["name"], role: role,
            stationRole: role == .owner ? .owner : (row["station_role"] as String?).flatMap(UserRole.init),
            isEmailVerified: row["email_verified"], cloudUserID: row["cloud_user_id"],
            createdAt: Timestamp(milliseconds: row["created_at"])
        )
        self.updatedAt = Timestamp(milliseconds: row["updated_at"])
        self.sessionsRevokedAt = (row["sessions_revoked_at"] as Int64?).map(Timestamp.init)
    }
}
