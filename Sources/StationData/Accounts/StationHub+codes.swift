import Crypto
import GRDB
public import StationCore

/// What came of a one-time code that was shown.
public enum CodeOutcome: Sendable, Hashable {
    case accepted
    case wrong
    /// Too many wrong ones: not even the right one counts any more.
    case exhausted
}

extension StationHub {
    /// Puts a new one-time code in the place of the old one, unless that was made too short a while ago.
    ///
    /// - Returns: How long to wait still; `nil` when the new one is stored.
    /// - Throws: `StoreError.unavailable`.
    public func putCode(
        hash: [UInt8], of userID: UserID, lifetime: Duration, cooldown: Duration
    ) async throws(StoreError) -> Duration? {
        try await self.commit("storing a one-time code") { db in
            let table = OneTimeCodeTable(db: db)
            let time = self.tokenTime
            if let latest = try table.latest(of: userID) {
                let wait = cooldown - .milliseconds(time.milliseconds - latest.createdAt.milliseconds)
                if wait > .zero { return (wait, CommitEffects()) }
            }
            try table.replace(hash, of: userID, at: time, until: time.adding(lifetime))
            return (nil, CommitEffects())
        }
    }

    /// Compares a code and, when it is right, notes that the person's address is verified.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func takeCode(hash: [UInt8], of userID: UserID, maximumAttempts: Int) async throws(StoreError) -> CodeOutcome
    {
        try await self.commit("checking a one-time code") { db in
            let table = OneTimeCodeTable(db: db)
            let time = self.tokenTime
            guard let latest = try table.latest(of: userID), latest.expiresAt > time,
                var user = try UserTable(db: db).user(userID)
            else { return (.wrong, CommitEffects()) }
            guard latest.attempts < maximumAttempts else { return (.exhausted, CommitEffects()) }
            guard OpaqueToken.isEqual(latest.hash, hash) else {
                try table.countAttempt(latest.id)
                return (.wrong, CommitEffects())
            }
            try table.consume(latest.id, at: time)
            user.isEmailVerified = true
            user.updatedAt = self.clock.wallTime
            try UserTable(db: db).update(user)
            return (.accepted, CommitEffects(storing: user, announcing: .updated(userID)))
        }
    }

    // MARK: Invitations

    /// Stores an invitation; an older one for the same address is void.
    ///
    /// - Throws: `StoreError.account(.emailTaken)` for somebody who has an account, `.unavailable`.
    public func addInvitation(
        tokenHash: [UInt8], for email: EmailAddress, role: UserRole, by inviter: UserID?, lifetime: Duration
    ) async throws(StoreError) {
        try await self.commit("storing an invitation") { db in
            guard try UserTable(db: db).user(email: email) == nil else { throw StoreError.account(.emailTaken) }
            let time = self.tokenTime
            try InvitationTable(db: db).insert(
                tokenHash, for: email, role: role, by: inviter, at: time, until: time.adding(lifetime)
            )
            return ((), CommitEffects())
        }
    }
}
