import Crypto
import Logging
public import StationCore
import StationData

/// An invitation that was just made: the one moment to see its token.
public struct Invitation: Sendable {
    public let email: EmailAddress
    public let role: UserRole
    public let token: Secret
    /// Where its holder registers.
    public let link: Secret
    /// Whether it was also sent by e-mail.
    public let isMailed: Bool
}

extension AccountDesk {
    /// Makes an account: the first one owns the station, later ones need an invitation unless registration is open.
    ///
    /// - Throws: `AccountError.registrationClosed`, `.invalidEmail`, `.invalidPassword`, `.throttled`, `.busy`,
    ///   `.store(.account(…))`.
    public func register(
        email: String, password: Secret, name: String, inviteToken: Secret?, from origin: Origin
    ) async throws(AccountError) -> User {
        guard let address = EmailAddress(email) else { throw .invalidEmail }
        guard PasswordRule.admits(password) else { throw .invalidPassword }
        let admission: NewUser.Admission
        if self.hub.needsOwner {
            admission = .firstOwner
        } else if let inviteToken {
            admission = .invitation(tokenHash: OpaqueToken.hash(inviteToken))
        } else if self.settings.registration == .open {
            admission = .open
        } else {
            throw .registrationClosed
        }
        // Invitations are guessed at, addresses asked for, and hashes cost time: all of it counts until it is right.
        let user = try await self.throttle.attempt([.address(origin.address)]) { () async throws(AccountError) in
            let hash = try await self.hasher.hash(password)
            return try await AccountError.storing { () async throws(StoreError) in
                try await self.hub.addUser(
                    NewUser(
                        email: address, name: name, passwordHash: hash, admission: admission,
                        isEmailVerified: !self.verifiesEmail
                    )
                )
            }
        }
        self.logger.notice("an account was made", metadata: ["user": "\(user.id)", "role": "\(user.role.rawValue)"])
        if self.verifiesEmail {
            do throws(AccountError) {
                try await self.sendCode(to: address.description, from: origin)
            } catch {
                // The account is there all the same; a code can be asked for at any time.
                self.logger.warning("the first code was not sent", metadata: ["error": "\(error)"])
            }
        }
        return user
    }

    /// Makes an invitation, and mails it where mail can be sent.
    ///
    /// - Throws: `AccountError.invalidEmail`, `.store(.account(.emailTaken))`, `.store`.
    public func invite(_ email: String, as role: UserRole, by inviter: User) async throws(AccountError) -> Invitation {
        guard let address = EmailAddress(email) else { throw .invalidEmail }
        let token = OpaqueToken.make()
        try await AccountError.storing { () async throws(StoreError) in
            try await self.hub.addInvitation(
                tokenHash: OpaqueToken.hash(token), for: address, role: role, by: inviter.id,
                lifetime: self.settings.invitationLifetime
            )
        }
        let link = "\(self.settings.publicURL)/register?invite=\(token.revealed)"
        let isMailed = self.post(
            to: address, subject: "Invitation to \(self.stationName)",
            text: """
                \(inviter.name.isEmpty ? inviter.email : inviter.name) invites you to \(self.stationName).

                Make your account here:
                \(link)

                The link works once, for \(self.settings.invitationLifetime.components.seconds / 86_400) days.
                """,
            goodFor: self.settings.invitationLifetime
        )
        return Invitation(email: address, role: role, token: token, link: Secret(link), isMailed: isMailed)
    }

    // MARK: One-time codes

    /// Sends a code to whoever has an unverified account with this address; others get none, and the answer is the same.
    ///
    /// - Throws: `AccountError.mailOff`, `.codeSentRecently`, `.invalidEmail`, `.store`.
    public func sendCode(to email: String, from origin: Origin) async throws(AccountError) {
        guard self.mail != nil else { throw .mailOff }
        guard let address = EmailAddress(email) else { throw .invalidEmail }
        try self.codeCooldowns.take(address)
        guard let user = self.hub.user(email: address), !user.isEmailVerified else { return }
        var generator = SystemRandomNumberGenerator()
        let digits = String(Int.random(in: 1_000_000..<2_000_000, using: &generator)).dropFirst()
        let hash = self.codeHash(String(digits), of: user.id)
        let wait = try await AccountError.storing { () async throws(StoreError) in
            try await self.hub.putCode(
                hash: hash, of: user.id, lifetime: self.settings.codeLifetime, cooldown: self.settings.codeCooldown
            )
        }
        if let wait { throw .codeSentRecently(retryAfter: wait) }
        self.throttle.succeeded([.code(address.description)])
        _ = self.post(
            to: address, subject: "\(self.stationName): your code",
            text: """
                \(digits)

                is your code for \(self.stationName). It is good for \
                \(self.settings.codeLifetime.components.seconds / 60) minutes.
                If you did not ask for it, ignore this e-mail.
                """,
            goodFor: self.settings.codeLifetime
        )
    }

    /// Takes a code; from then on its owner can sign in.
    ///
    /// - Throws: `AccountError.wrongCode`, `.codesExhausted`, `.throttled`, `.mailOff`, `.store`.
    public func verifyCode(_ code: Secret, of email: String, from origin: Origin) async throws(AccountError) {
        guard self.mail != nil else { throw .mailOff }
        guard let address = EmailAddress(email) else { throw .invalidEmail }
        try await self.throttle.attempt([.address(origin.address)]) { () async throws(AccountError) in
            guard let user = self.hub.user(email: address) else { throw .wrongCode }
            let outcome = try await AccountError.storing { () async throws(StoreError) in
                try await self.hub.takeCode(
                    hash: self.codeHash(code.revealed, of: user.id), of: user.id,
                    maximumAttempts: self.settings.codeAttempts
                )
            }
            switch outcome {
            case .accepted: return
            case .wrong: throw .wrongCode
            case .exhausted: throw .codesExhausted(retryAfter: self.settings.codeCooldown)
            }
        }
    }

    /// With a million codes a plain hash would be no secret.
    private func codeHash(_ code: String, of user: UserID) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array("\(user):\(code)".utf8), using: self.codeKey))
    }

    private func post(to address: EmailAddress, subject: String, text: String, goodFor: Duration) -> Bool {
        guard let mail = self.mail else { return false }
        do throws(MailFault) {
            mail.post(
                try MailMessage(
                    to: MailAddress(address.description), subject: String(subject.prefix(200)), text: text,
                    goodFor: goodFor
                )
            )
            return true
        } catch {
            self.logger.error("an e-mail could not be written", metadata: ["error": "\(error)"])
            return false
        }
    }
}
