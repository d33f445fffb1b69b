import GRDB
public import StationCore
import Synchronization

/// Who belongs to the station by the cloud's word (contract 4, "Legacy messages"). Each of these is one transaction;
/// what is refused has changed nothing.
extension StationHub {
    /// Puts a whole list in force: accounts are made, changed and linked; those that came from the cloud and are not in
    /// the list any more are removed. Accounts that were made here and that the list does not name stay.
    ///
    /// - Throws: `StoreError.conflict` for an address that another account has, `.account(.tooManyUsers)`,
    ///   `.unavailable`.
    public func apply(_ roster: CloudRoster) async throws(StoreError) {
        try await self.commit("taking over the cloud's members") { db in
            var update = RosterUpdate(hub: self, db: db)
            try update.run(roster)
            if let name = roster.stationName {
                try StationTable(db: db).rename(name)
                update.effects.changes.append { $0.stationName = name }
            }
            return ((), update.effects)
        }
    }

    /// Takes somebody in, or takes over what the cloud says of them.
    ///
    /// - Throws: `StoreError.account(.ownerIsFixed)` where it would change who the owner is, `.conflict` for an address
    ///   that belongs to somebody else, `.account(.tooManyUsers)`, `.unavailable`.
    public func addCloudMember(_ member: CloudMember) async throws(StoreError) {
        try await self.commit("taking in a member") { db in
            let table = UserTable(db: db)
            var update = RosterUpdate(hub: self, db: db)
            let known = try table.user(cloudUserID: member.cloudUserID)
            let namesake = try table.user(email: member.email)
            if let namesake, namesake.id != known?.id, known != nil || namesake.cloudUserID != nil {
                throw RosterUpdate.taken(by: member.cloudUserID)
            }
            let user = known ?? namesake
            guard (user?.role == .owner) == (member.role == .owner) else { throw StoreError.account(.ownerIsFixed) }
            let count = try table.count()
            guard user != nil || count < Self.maximumUsers else {
                throw StoreError.account(.tooManyUsers(limit: Self.maximumUsers))
            }
            try update.store(member, as: member.role, over: user)
            return ((), update.effects)
        }
    }

    /// Changes somebody whom the cloud has named before.
    ///
    /// - Throws: `StoreError.notFound` for somebody whom it has not, `.account(.ownerIsFixed)`, `.conflict` for an
    ///   address that belongs to somebody else, `.unavailable`.
    public func updateCloudMember(_ changes: CloudMemberChanges) async throws(StoreError) {
        try await self.commit("changing a member") { db in
            let table = UserTable(db: db)
            guard let user = try table.user(cloudUserID: changes.cloudUserID) else {
                throw StoreError.notFound(.user, id: changes.cloudUserID)
            }
            if let email = changes.email, let other = try table.user(email: email), other.id != user.id {
                throw RosterUpdate.taken(by: changes.cloudUserID)
            }
            if let role = changes.role, (role == .owner) != (user.role == .owner) {
                throw StoreError.account(.ownerIsFixed)
            }
            var update = RosterUpdate(hub: self, db: db)
            try update.store(changes, over: user)
            return ((), update.effects)
        }
    }

    /// Removes somebody whom the cloud has named; whatever is open under the account ends at once.
    ///
    /// - Returns: False when there is nobody of that name, and so nothing to do.
    /// - Throws: `StoreError.account(.ownerIsFixed)`, `.unavailable`.
    @discardableResult
    public func removeCloudMember(_ cloudUserID: String) async throws(StoreError) -> Bool {
        try await self.commit("removing a member") { db in
            guard let user = try UserTable(db: db).user(cloudUserID: cloudUserID) else {
                return (false, CommitEffects())
            }
            guard user.role != .owner else { throw StoreError.account(.ownerIsFixed) }
            var update = RosterUpdate(hub: self, db: db)
            try update.remove(user)
            return (true, update.effects)
        }
    }

    /// Stores the password that somebody has set in the cloud, and ends all of their sessions.
    ///
    /// - Throws: `StoreError.notFound` for somebody whom the cloud has not named, `.unavailable`.
    public func setCloudPassword(_ hash: BcryptHash, of cloudUserID: String) async throws(StoreError) {
        try await self.commit("storing a password of the cloud") { db in
            let table = UserTable(db: db)
            guard var user = try table.user(cloudUserID: cloudUserID) else {
                throw StoreError.notFound(.user, id: cloudUserID)
            }
            try table.link(user.id, to: cloudUserID, passwordHash: hash, at: self.tokenTime)
            var effects = CommitEffects()
            user.updatedAt = self.clock.wallTime
            try self.endSessions(of: &user, in: db, effects: &effects)
            try table.update(user)
            effects += CommitEffects(storing: user, announcing: .sessionsRevoked(user.id))
            return ((), effects)
        }
    }

    /// Ends everything that somebody's account has opened: sign-ins, access tokens, logins at the broker. To be stored
    /// and announced by the caller.
    func endSessions(of user: inout User, in db: Database, effects: inout CommitEffects) throws {
        let time = self.tokenTime
        let id = user.id
        user.sessionsRevokedAt = time
        let tokens = RefreshTokenTable(db: db)
        for (session, _) in try tokens.liveSessions(at: time, of: id) { try tokens.delete(session) }
        effects.changes.append { live in live.sessions = live.sessions.filter { $0.value != id } }
        guard try BrokerCredentialTable(db: db).delete(of: id) > 0 else { return }
        effects.changes.append { live in
            live.credentials = live.credentials.filter { $0.value.owner != .user(id) }
        }
        effects.events.append(.loginsChanged)
    }
}
