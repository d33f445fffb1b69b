import GRDB
public import StationCore
import Synchronization

/// What came of a refresh token that was shown.
public enum RefreshOutcome: Sendable, Hashable {
    /// It was good and is used up now; the new one is stored.
    case rotated(User, SessionID)
    /// It had been used before: somebody has a copy, so its whole family is dead.
    case reused(UserID)
    /// Nobody knows it, or it is expired, or its sign-in has ended.
    case refused
}

extension StationHub {
    /// Within this time a used refresh token may be shown again: the answer to the first time was lost.
    private static let rotationGrace: Int64 = 10_000
    /// So often within that time.
    private static let graceTokens = 3

    // MARK: Time of tokens

    /// The time by which tokens are issued and judged: the wall clock, but never before the latest time that the station
    /// has ever seen (contract 7, "Clock and storage"). Since the start it only goes on, whoever sets the clock back.
    public var tokenTime: Timestamp {
        let wallTime = self.clock.wallTime
        guard let floor = self.upkeep.withLock({ $0.clockFloor }) else { return wallTime }
        return max(wallTime, floor.time.adding(floor.since.duration(to: self.clock.now)))
    }

    // MARK: Reading memory

    /// Whether a sign-in can still be continued.
    public func isLive(_ session: SessionID, of user: UserID) -> Bool {
        self.live.withLock { $0.sessions[session] == user }
    }

    // MARK: Changing

    /// Begins a sign-in with its first refresh token. Beyond a number that no person has, the oldest sign-in ends.
    ///
    /// - Throws: `StoreError.account`, `.unavailable`.
    public func beginSession(
        of userID: UserID, tokenHash: [UInt8], lifetime: Duration
    ) async throws(StoreError) -> SessionID {
        try await self.commit("beginning a session") { db in
            guard try UserTable(db: db).user(userID) != nil else { throw StoreError.account(.userNotFound(userID)) }
            let time = self.tokenTime
            let table = RefreshTokenTable(db: db)
            let session = SessionID.make(at: time)
            var effects = CommitEffects(changes: [{ $0.sessions[session] = userID }])
            let others = try table.liveSessions(at: time, of: userID)
            for (oldest, _) in others.prefix(max(0, others.count + 1 - RefreshTokenTable.maximumSessions)) {
                try self.end(oldest, of: userID, in: table, effects: &effects)
            }
            try table.insert(tokenHash, of: userID, in: session, at: time, until: time.adding(lifetime))
            return (session, effects)
        }
    }

    /// Takes a refresh token and puts a new one in its place.
    ///
    /// - Throws: `StoreError.unavailable`; then the old one is as good as before.
    public func rotateRefreshToken(
        _ hash: [UInt8], to newHash: [UInt8], lifetime: Duration
    ) async throws(StoreError) -> RefreshOutcome {
        try await self.commit("renewing a session") { db in
            let table = RefreshTokenTable(db: db)
            let time = self.tokenTime
            guard let row = try table.row(hash), row.expiresAt > time,
                let user = try UserTable(db: db).user(row.userID)
            else { return (.refused, CommitEffects()) }
            if let usedAt = row.usedAt {
                let age = time.milliseconds - usedAt.milliseconds
                let isRetry =
                    try age <= Self.rotationGrace && table.count(in: row.sessionID, since: usedAt) <= Self.graceTokens
                guard isRetry else {
                    var effects = CommitEffects()
                    try self.end(row.sessionID, of: row.userID, in: table, effects: &effects)
                    return (.reused(row.userID), effects)
                }
            } else {
                try table.markUsed(hash, at: time)
            }
            guard try table.count(in: row.sessionID) < RefreshTokenTable.maximumTokens else {
                // Whoever renews without end must not fill the disk.
                var effects = CommitEffects()
                try self.end(row.sessionID, of: row.userID, in: table, effects: &effects)
                return (.refused, effects)
            }
            try table.insert(newHash, of: row.userID, in: row.sessionID, at: time, until: time.adding(lifetime))
            let session = row.sessionID
            let effects = CommitEffects(changes: [{ $0.sessions[session] = user.id }])
            return (.rotated(user, session), effects)
        }
    }

    /// Ends the sign-in that a refresh token belongs to; unknown tokens belong to none.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func endSession(refreshTokenHash hash: [UInt8]) async throws(StoreError) {
        // Anybody may ask; only who knows a token gets at the one writer.
        guard try await self.read("looking for a session", { try RefreshTokenTable(db: $0).row(hash) != nil }) else {
            return
        }
        try await self.commit("ending a session") { db in
            let table = RefreshTokenTable(db: db)
            var effects = CommitEffects()
            if let row = try table.row(hash) {
                try self.end(row.sessionID, of: row.userID, in: table, effects: &effects)
            }
            return ((), effects)
        }
    }

    private func end(
        _ session: SessionID, of userID: UserID, in table: RefreshTokenTable, effects: inout CommitEffects
    ) throws {
        try table.delete(session)
        effects.changes.append { $0.sessions[session] = nil }
        effects.events.append(.account(.sessionEnded(userID, session)))
    }

    // MARK: Upkeep

    /// Forgets sign-ins, codes and invitations whose time is over.
    func forgetExpiredAccess() async throws(StoreError) {
        try await self.commit("forgetting expired sessions") { db in
            let time = self.tokenTime
            try RefreshTokenTable(db: db).deleteExpired(at: time)
            try OneTimeCodeTable(db: db).deleteExpired(at: time)
            try InvitationTable(db: db).deleteExpired(at: time)
            let live = try RefreshTokenTable(db: db).liveSessions(at: time)
            return ((), CommitEffects(changes: [{ $0.sessions = Dictionary(live) { first, _ in first } }]))
        }
    }

    /// What another process, such as `station-agent user passwd`, has changed about accounts.
    func effectsOfForeignAccounts(_ db: Database) throws -> CommitEffects {
        var effects = CommitEffects()
        let stored = try UserTable(db: db).all()
        let sessions = try RefreshTokenTable(db: db).liveSessions(at: self.tokenTime)
        let known = self.live.withLock { $0.users }
        for id in Set(known.keys).subtracting(stored.map(\.id)) {
            effects.changes.append { $0.removeUser(id) }
            effects.events.append(.account(.removed(id)))
        }
        for user in stored where known[user.id] != user {
            effects.changes.append { $0.users[user.id] = user }
            let event: AccountEvent =
                known[user.id] == nil
                ? .created(user.id)
                : known[user.id]?.sessionsRevokedAt != user.sessionsRevokedAt
                    ? .sessionsRevoked(user.id) : .updated(user.id)
            effects.events.append(.account(event))
        }
        effects.changes.append { $0.sessions = Dictionary(sessions) { first, _ in first } }
        let credentials = try BrokerCredentialTable(db: db).live(at: self.tokenTime)
        effects.changes.append { live in
            live.credentials = Dictionary(uniqueKeysWithValues: credentials.map { ($0.username, $0) })
        }
        return effects
    }
}
