import GRDB
public import StationCore
import Synchronization

extension StationHub {
    /// As many accounts as a station has at most: all of them are kept in memory.
    public static let maximumUsers = 10_000

    // MARK: Reading memory

    public func user(_ id: UserID) -> User? {
        self.live.withLock { $0.users[id] }
    }

    public func user(email: EmailAddress) -> User? {
        self.live.withLock { live in live.users.values.first { $0.email.lowercased() == email.description } }
    }

    /// Everybody with an account, oldest first.
    public var users: [User] {
        self.live.withLock { Array($0.users.values) }.sorted { $0.id < $1.id }
    }

    /// Whether nobody has set the station up yet.
    public var needsOwner: Bool {
        self.live.withLock { live in !live.users.values.contains { $0.role == .owner } }
    }

    // MARK: Changing

    /// Makes an account.
    ///
    /// - Throws: `StoreError.account`, `.unavailable`.
    public func addUser(_ new: NewUser) async throws(StoreError) -> User {
        try await self.commit("adding a user") { db in
            let table = UserTable(db: db)
            let time = self.clock.wallTime
            guard try table.count() < Self.maximumUsers else {
                throw StoreError.account(.tooManyUsers(limit: Self.maximumUsers))
            }
            let role = try self.role(of: new, in: db, at: time)
            guard try table.user(email: new.email) == nil else { throw StoreError.account(.emailTaken) }
            // Whoever just registered belongs to nothing until somebody takes them in.
            var stationRole: UserRole? = role
            if case .open = new.admission { stationRole = nil }
            let user = User(
                id: .make(at: time), email: new.email.description, name: new.name, role: role, stationRole: stationRole,
                isEmailVerified: new.isEmailVerified, createdAt: time
            )
            try table.insert(user, passwordHash: new.passwordHash)
            return (user, CommitEffects(storing: user, announcing: .created(user.id)))
        }
    }

    private func role(of new: NewUser, in db: Database, at time: Timestamp) throws -> UserRole {
        let hasOwner = try UserTable(db: db).all().contains { $0.role == .owner }
        switch new.admission {
        case .firstOwner:
            guard !hasOwner else { throw StoreError.account(.alreadySetUp) }
            return .owner
        case .open:
            return .member
        case .given(let role):
            guard role != .owner || !hasOwner else { throw StoreError.account(.ownerIsFixed) }
            return role
        case .invitation(let hash):
            guard let role = try InvitationTable(db: db).accept(hash, by: new.email, at: time) else {
                throw StoreError.account(.invitationInvalid)
            }
            return role
        }
    }

    /// Changes an account.
    ///
    /// - Parameter role: Nobody is made owner, and the owner stays so.
    /// - Throws: `StoreError.account`, `.unavailable`.
    public func updateUser(
        _ id: UserID, name: String? = nil, role: UserRole? = nil, isEmailVerified: Bool? = nil
    ) async throws(StoreError) -> User {
        try await self.commit("changing a user") { db in
            let table = UserTable(db: db)
            guard var user = try table.user(id) else { throw StoreError.account(.userNotFound(id)) }
            let before = user
            user.name = name ?? user.name
            user.isEmailVerified = isEmailVerified ?? user.isEmailVerified
            if let role, role != user.role {
                guard role != .owner, user.role != .owner else { throw StoreError.account(.ownerIsFixed) }
                user.role = role
                user.stationRole = role
            }
            guard user != before else { return (user, CommitEffects()) }
            user.updatedAt = self.clock.wallTime
            try table.update(user)
            return (user, CommitEffects(storing: user, announcing: .updated(id)))
        }
    }

    /// Removes an account with its sign-ins and memberships; whatever is open under it ends at once.
    ///
    /// - Throws: `StoreError.account`, `.unavailable`.
    public func removeUser(_ id: UserID) async throws(StoreError) {
        try await self.commit("removing a user") { db in
            guard let user = try UserTable(db: db).user(id) else { throw StoreError.account(.userNotFound(id)) }
            guard user.role != .owner else { throw StoreError.account(.ownerIsFixed) }
            try UserTable(db: db).delete(id)
            let effects = CommitEffects(
                changes: [{ $0.removeUser(id) }], events: [.account(.removed(id))]
            )
            return ((), effects)
        }
    }

    // MARK: Passwords

    /// - Throws: `StoreError.account`, `.unavailable`.
    public func passwordHashes(of id: UserID) async throws(StoreError) -> PasswordHashes {
        let found = try await StoreError.wrapping("reading a password") {
            try await self.writer.read { try UserTable(db: $0).passwordHashes(of: id) }
        }
        guard let found else { throw .account(.userNotFound(id)) }
        return found
    }

    /// Sets a password and ends the person's sessions, all but one if that is named.
    ///
    /// - Returns: The moment up to which access tokens are dead.
    /// - Throws: `StoreError.account`, `.unavailable`.
    @discardableResult
    public func setPassword(
        hash: String, of id: UserID, sparing spared: SessionID? = nil, verifyingEmail: Bool = false
    ) async throws(StoreError) -> Timestamp {
        try await self.commit("setting a password") { db in
            let table = UserTable(db: db)
            guard var user = try table.user(id) else { throw StoreError.account(.userNotFound(id)) }
            let time = self.tokenTime
            try table.setPasswordHash(hash, of: id)
            user.isEmailVerified = user.isEmailVerified || verifyingEmail
            user.sessionsRevokedAt = time
            user.updatedAt = self.clock.wallTime
            try table.update(user)
            var effects = CommitEffects(storing: user, announcing: .sessionsRevoked(id))
            for (session, _) in try RefreshTokenTable(db: db).liveSessions(at: time, of: id) where session != spared {
                try RefreshTokenTable(db: db).delete(session)
                effects.changes.append { $0.sessions[session] = nil }
            }
            // Whoever had the old password may have made a login of their own.
            if try BrokerCredentialTable(db: db).delete(of: id) {
                effects.changes.append { live in
                    live.credentials = live.credentials.filter { $0.value.owner != .user(id) }
                }
                effects.events.append(.loginsChanged)
            }
            return (time, effects)
        }
    }
}

extension CommitEffects {
    init(storing user: User, announcing event: AccountEvent) {
        self.init(changes: [{ $0.users[user.id] = user }], events: [.account(event)])
    }
}
