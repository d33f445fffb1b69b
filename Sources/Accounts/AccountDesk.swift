import Crypto
public import Logging
public import StationCore
public import StationData

/// People and how they prove who they are; the HTTP API and the command line share it.
///
/// The store keeps hashes of passwords, tokens and codes; what opens a door exists in this process only while it is
/// handed out.
public final class AccountDesk: Sendable {
    public let settings: AccountSettings
    public let tokens: AccessTokens
    public let throttle: GuessThrottle
    let hub: StationHub
    let hasher: PasswordHasher
    let mail: (any MailSender)?
    let codeKey: SymmetricKey
    let codeCooldowns: CodeCooldowns
    let logger: Logger

    /// Whether an address must be verified before its owner can sign in: only where mail can be sent.
    public var verifiesEmail: Bool { self.mail != nil }

    /// - Parameter secret: The station's key for tokens, at least 32 bytes.
    public init(
        settings: AccountSettings, secret: Secret, hub: StationHub, tokens: AccessTokens,
        hasher: PasswordHasher = PasswordHasher(), mail: (any MailSender)?, clock: any StationClock, logger: Logger
    ) {
        self.settings = settings
        self.hub = hub
        self.tokens = tokens
        self.throttle = GuessThrottle(clock: clock)
        self.hasher = hasher
        self.mail = mail
        // A key of its own for codes, so that no code is ever the MAC of something else.
        self.codeKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.revealed.utf8)), info: Array("one-time codes".utf8),
            outputByteCount: 32
        )
        self.codeCooldowns = CodeCooldowns(clock: clock, cooldown: settings.codeCooldown)
        self.logger = logger
    }

    /// What people call the station by now.
    var stationName: String { self.hub.stationName.isEmpty ? self.settings.stationName : self.hub.stationName }

    // MARK: Who is calling

    /// Who shows an access token, and what it says.
    ///
    /// - Throws: `AccountError.invalidToken`, also for somebody who is gone and for a session that has ended.
    public func authenticate(_ token: Secret) async throws(AccountError) -> (user: User, claims: AccessClaims) {
        let claims = try await self.tokens.verify(token, at: self.hub.tokenTime)
        guard let user = self.user(of: claims) else { throw .invalidToken }
        return (user, claims)
    }

    /// The person behind claims that were found good before, if they still are in force.
    public func user(of claims: AccessClaims) -> User? {
        guard let user = self.hub.user(claims.userID),
            user.sessionsRevokedAt.map({ claims.issuedAt > $0 }) ?? true,
            claims.sessionID.map({ self.hub.isLive($0, of: user.id) }) ?? true
        else { return nil }
        return user
    }

    // MARK: Signing in and out

    /// - Throws: `AccountError.invalidCredentials`, `.emailNotVerified`, `.throttled`, `.busy`, `.store`.
    public func signIn(email: String, password: Secret, from origin: Origin) async throws(AccountError) -> SignIn {
        let address = EmailAddress(email)
        var keys: [GuessThrottle.Key] = [.address(origin.address)]
        if !origin.isLocal { keys.append(.account(address?.description ?? email.lowercased())) }
        let user = try await self.throttle.attempt(keys) { () async throws(AccountError) in
            let user = address.flatMap { self.hub.user(email: $0) }
            guard try await self.hasher.verify(password, against: self.passwordHashes(of: user)), let user else {
                self.logger.notice("a sign-in was refused", metadata: ["from": "\(origin.address)"])
                throw .invalidCredentials
            }
            return user
        }
        guard user.isEmailVerified || !self.verifiesEmail else { throw .emailNotVerified }
        self.logger.notice("signed in", metadata: ["user": "\(user.id)", "from": "\(origin.address)"])
        return try await self.beginSession(of: user)
    }

    /// The hashes that count at this moment: the cloud's for some days after its last word only.
    private func passwordHashes(of user: User?) async throws(AccountError) -> [String] {
        guard let user else { return [] }
        let hashes = try await AccountError.storing { () async throws(StoreError) in
            try await self.hub.passwordHashes(of: user.id)
        }
        let isCloudFresh =
            hashes.cloudSyncedAt.map {
                self.hub.tokenTime <= $0.adding(self.settings.cloudPasswordLifetime)
            } ?? false
        return [hashes.local, isCloudFresh ? hashes.cloud : nil].compactMap(\.self)
    }

    func beginSession(of user: User) async throws(AccountError) -> SignIn {
        let refreshToken = OpaqueToken.make()
        let session = try await AccountError.storing { () async throws(StoreError) in
            try await self.hub.beginSession(
                of: user.id, tokenHash: OpaqueToken.hash(refreshToken), lifetime: self.settings.refreshLifetime
            )
        }
        return try await self.signIn(user, session, refreshToken, at: self.hub.tokenTime)
    }

    func signIn(
        _ user: User, _ session: SessionID, _ refreshToken: Secret?, at time: Timestamp
    ) async throws(AccountError) -> SignIn {
        // Never at the moment of a revocation, which what is issued now must outlive.
        let time = max(time, user.sessionsRevokedAt?.adding(.milliseconds(1)) ?? time)
        do {
            return SignIn(
                user: user, sessionID: session,
                accessToken: try await self.tokens.issue(for: user, session: session, at: time),
                expiresIn: self.tokens.lifetime, refreshToken: refreshToken
            )
        } catch {
            self.logger.error("a token could not be signed", metadata: ["error": "\(error)"])
            throw .hashingFailed
        }
    }

    /// Takes a refresh token for a new pair.
    ///
    /// - Throws: `AccountError.invalidToken`, `.tokenReused`, `.throttled`, `.store`.
    public func refresh(_ token: Secret, from origin: Origin) async throws(AccountError) -> SignIn {
        let next = OpaqueToken.make()
        let (user, session) = try await self.throttle.attempt([.address(origin.address)]) {
            () async throws(AccountError) in
            let outcome = try await AccountError.storing { () async throws(StoreError) in
                try await self.hub.rotateRefreshToken(
                    OpaqueToken.hash(token), to: OpaqueToken.hash(next), lifetime: self.settings.refreshLifetime
                )
            }
            switch outcome {
            case .rotated(let user, let session):
                return (user, session)
            case .refused:
                throw .invalidToken
            case .reused(let user):
                self.logger.warning(
                    "a refresh token was shown a second time; its session has ended",
                    metadata: ["user": "\(user)", "from": "\(origin.address)"]
                )
                throw .tokenReused
            }
        }
        return try await self.signIn(user, session, next, at: self.hub.tokenTime)
    }

    /// Ends the session of a refresh token. One that means nothing is no error: its session is over as well.
    ///
    /// - Throws: `AccountError.store`.
    public func signOut(_ token: Secret) async throws(AccountError) {
        try await AccountError.storing { () async throws(StoreError) in
            try await self.hub.endSession(refreshTokenHash: OpaqueToken.hash(token))
        }
    }

    /// Sets a new password and ends all other sessions of the person; the present one goes on with a new access token.
    ///
    /// - Throws: `AccountError.wrongPassword`, `.invalidPassword`, `.throttled`, `.busy`, `.store`.
    public func changePassword(
        of user: User, session: SessionID?, from current: Secret, to new: Secret, origin: Origin
    ) async throws(AccountError) -> SignIn {
        let keys: [GuessThrottle.Key] = [.address(origin.address), .account(user.email.lowercased())]
        guard PasswordRule.admits(new) else { throw .invalidPassword }
        try await self.throttle.attempt(keys) { () async throws(AccountError) in
            guard try await self.hasher.verify(current, against: self.passwordHashes(of: user)) else {
                throw .wrongPassword
            }
        }
        let hash = try await self.hasher.hash(new)
        try await AccountError.storing { () async throws(StoreError) in
            _ = try await self.hub.setPassword(hash: hash, of: user.id, sparing: session)
        }
        self.logger.notice("a password was changed", metadata: ["user": "\(user.id)"])
        guard let changed = self.hub.user(user.id) else { throw .invalidToken }
        guard let session else { return try await self.beginSession(of: changed) }
        return try await self.signIn(changed, session, nil, at: self.hub.tokenTime)
    }
}
