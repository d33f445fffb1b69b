import StationCore
import StationData

extension BrokerAuthority {
    // MARK: Tokens

    /// Whom a token speaks for, and until when.
    ///
    /// - Throws: `BrokerRefusal`.
    func session(of token: Secret) async throws(BrokerRefusal) -> BrokerSession {
        let time = self.hub.tokenTime
        do throws(AccountError) {
            let claims = try await self.desk.authenticate(token).claims
            // Elsewhere a token is good for some seconds longer; here a session would begin that is over.
            guard time < claims.expiresAt else { throw .invalidToken }
            return BrokerSession(identity: .person(claims), expiresAt: claims.expiresAt)
        } catch {
            guard !error.isOurs else { throw .tryAgain }
        }
        guard let issuer, let claims = try? await issuer.verify(token, at: time) else { throw .invalidCredentials }
        return BrokerSession(identity: .subject(claims.subject), expiresAt: claims.expiresAt)
    }

    // MARK: Names

    /// What has this user name, to the byte; `nil` for nothing that there is now.
    func account(named username: String) -> BrokerAccount? {
        if let agent, agent.username.utf8.elementsEqual(username.utf8) { return .agent(agent.password) }
        if let device = self.device(named: username) { return .device(device) }
        guard let credential = self.hub.credential(named: username),
            credential.username.utf8.elementsEqual(username.utf8)
        else { return nil }
        return .credential(credential)
    }

    /// A device by either of its names, `{externalId}` and `device:{id}`.
    private func device(named username: String) -> Device? {
        let prefix = BrokerLogin.aliasPrefix
        guard username.utf8.starts(with: prefix.utf8) else {
            // The hub takes an id for a name too; as a user name it is none.
            return ExternalID(username).flatMap { self.hub.device(named: $0) }
                .flatMap { $0.externalID.description == username ? $0 : nil }
        }
        guard let id = DeviceID(String(username.dropFirst(prefix.count))),
            "\(prefix)\(id)".utf8.elementsEqual(username.utf8)
        else { return nil }
        return self.hub.device(id)
    }

    private func reasonOfNobody(_ username: String) -> RefusedLogins.Reason {
        ExternalID(username).map(self.hub.isRevoked) ?? false ? .removed : .unknown
    }

    // MARK: Passwords

    /// Judges user name and password.
    ///
    /// - Throws: `BrokerRefusal`.
    func login(of caller: BrokerCaller) async throws(BrokerRefusal) -> BrokerSession {
        guard let username = caller.username else { throw .missingToken }
        let account = try await self.account(named: username, with: caller.password)
        guard let account, let password = caller.password, try await self.opens(account, password) else {
            self.note(username, account == nil ? self.reasonOfNobody(username) : .wrongPassword)
            throw caller.password == nil ? .missingToken : .invalidCredentials
        }
        switch account {
        case .agent:
            self.refusals.forget(Self.shown(username))
            return BrokerSession(identity: .agent, expiresAt: nil)
        case .device(let device):
            guard caller.isNamedAlike else { throw .wrongClientID }
            self.refusals.forget(Self.shown(username))
            return BrokerSession(identity: .device(device.id), expiresAt: nil)
        case .credential(let credential):
            guard caller.isNamedAlike else { throw .wrongClientID }
            self.refusals.forget(Self.shown(username))
            return BrokerSession(identity: .credential(username), expiresAt: credential.expiresAt)
        }
    }

    /// What has a name, also if another process has added it a moment ago: the store is asked for the token of a name
    /// that is not known.
    private func account(named username: String, with password: Secret?) async throws(BrokerRefusal) -> BrokerAccount? {
        if let account = self.account(named: username) { return account }
        guard let password, try await self.deviceID(with: password) != nil else { return nil }
        return self.account(named: username)
    }

    private func opens(_ account: BrokerAccount, _ password: Secret) async throws(BrokerRefusal) -> Bool {
        switch account {
        case .agent(let secret): !secret.isEmpty && password == secret
        case .device(let device): try await self.deviceID(with: password) == device.id
        case .credential(let credential): credential.verifier.matches(password)
        }
    }

    private func deviceID(with token: Secret) async throws(BrokerRefusal) -> DeviceID? {
        do throws(StoreError) {
            return try await self.hub.deviceID(forToken: token)
        } catch {
            throw .tryAgain
        }
    }

    private func note(_ username: String, _ reason: RefusedLogins.Reason) {
        self.refusals.note(Self.shown(username), reason, at: self.clock.now)
    }

    /// A user name as it can be shown and kept, whatever the client has sent.
    private static func shown(_ username: String) -> String {
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: username.unicodeScalars.lazy.filter(\.isPrintable).prefix(64))
        return String(shown)
    }

    // MARK: Without a token

    /// Who asks.
    ///
    /// - Throws: `BrokerRefusal`.
    func identity(of caller: BrokerCaller) async throws(BrokerRefusal) -> BrokerIdentity {
        if let token = caller.token { return try await self.session(of: token).identity }
        switch self.sessions.find(caller, at: self.hub.tokenTime) {
        case .live(let identity): return identity
        case .over: throw .invalidCredentials
        case .unknown: break
        }
        // Sessions are gone after a restart of the agent, and the clients are still connected: who was let in under a
        // name that has its own password can be nobody else, so it is not cut off until it logs in again.
        guard let username = caller.username, caller.isNamedAlike else { throw .missingToken }
        switch self.account(named: username) {
        case .device(let device): return .device(device.id)
        case .credential: return .credential(username)
        case .agent, nil: throw .missingToken
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool {
        switch self.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
