public import StationCore
public import StationData

/// Who is who at a broker that asks the station, and what they may do there (contract 6, "HTTP fronts").
///
/// Nothing here counts failures of an address: a broker asks for all its clients from one, and whoever guesses would
/// shut out everybody. The secrets have 256 random bits, so nobody guesses them.
public final class BrokerAuthority: Sendable {
    let hub: StationHub
    let desk: AccountDesk
    let issuer: IssuerTokens?
    let policy: PolicyRights
    let agent: (username: String, password: Secret)?
    let refusals: RefusedLogins
    let clock: any StationClock
    let sessions = BrokerSessions()

    /// - Parameters:
    ///   - desk: Knows the station's own tokens.
    ///   - issuer: Knows those of the configured issuer, if there is one.
    ///   - policy: What the subjects of tokens may do.
    ///   - agent: How the agent itself logs in at its broker.
    ///   - refusals: Where it is noted who keeps being refused.
    public init(
        hub: StationHub, desk: AccountDesk, issuer: IssuerTokens?, policy: BrokerPolicyBoard,
        agent: (username: String, password: Secret)?, refusals: RefusedLogins, clock: any StationClock
    ) {
        self.hub = hub
        self.desk = desk
        self.issuer = issuer
        self.policy = PolicyRights(policy)
        self.agent = agent
        self.refusals = refusals
        self.clock = clock
    }

    // MARK: Questions

    /// Judges a login. Who is let in is remembered, for brokers that show nothing with their later questions; a refusal
    /// changes nothing of that.
    ///
    /// - Throws: `BrokerRefusal`.
    public func admit(_ caller: BrokerCaller) async throws(BrokerRefusal) -> BrokerAdmission {
        let session: BrokerSession
        if let token = caller.token {
            session = try await self.session(of: token)
            // Once its token was over it would be taken for whoever has this name.
            guard caller.username.flatMap(self.account) == nil else { throw .foreignName }
        } else {
            session = try await self.login(of: caller)
        }
        self.sessions.keep(session, of: caller)
        return BrokerAdmission(
            isSuperuser: self.rights(of: session.identity, about: nil).isSuperuser, expiresAt: session.expiresAt
        )
    }

    /// Whether a client may do all of some actions.
    ///
    /// - Parameter topic: A topic, for `subscribe` a filter.
    public func decide(
        _ actions: [BrokerAction], on topic: String, for caller: BrokerCaller
    ) async -> BrokerDecision {
        do throws(BrokerRefusal) {
            let rights = self.rights(of: try await self.identity(of: caller), about: topic)
            return actions.lazy.map { rights.decide($0, topic) }.first { !$0.isAllowed } ?? .allowed
        } catch {
            return .denied(error.description)
        }
    }

    /// Whether a client may do something at a broker that does not ask when it delivers, such as EMQX.
    public func decideOnce(
        _ action: BrokerAction, on topic: String, for caller: BrokerCaller
    ) async -> BrokerDecision {
        do throws(BrokerRefusal) {
            let rights = self.rights(of: try await self.identity(of: caller), about: topic)
            return action == .subscribe
                ? rights.decideSubscriptionWithDelivery(topic) : rights.decide(action, topic)
        } catch {
            return .denied(error.description)
        }
    }

    /// Whether a client may do everything. Who is named and shows nothing is one only if everybody is who was let in
    /// under that name: the broker does not say which of them it asks about.
    public func decideSuperuser(_ caller: BrokerCaller) async -> BrokerDecision {
        do throws(BrokerRefusal) {
            let isSuperuser: Bool
            if let token = caller.token {
                isSuperuser = self.rights(of: try await self.session(of: token).identity, about: nil).isSuperuser
            } else {
                guard caller.username != nil else { throw .missingToken }
                isSuperuser = self.sessions.areAll(named: caller, at: self.hub.tokenTime) {
                    self.rights(of: $0, about: nil).isSuperuser
                }
            }
            return isSuperuser ? .allowed : .denied("not a superuser")
        } catch {
            return .denied(error.description)
        }
    }

    /// For whom a login can be minted who shows a token of the station or of the issuer.
    ///
    /// - Throws: `BrokerRefusal`.
    public func holder(of token: Secret) async throws(BrokerRefusal) -> TokenHolder {
        let session = try await self.session(of: token)
        switch session.identity {
        // Whoever has an account could show a new token at any time; the login ends with the account.
        case .person(let claims): return TokenHolder(owner: .user(claims.userID), end: .latest)
        case .subject(let subject): return TokenHolder(owner: .token(subject), end: session.expiresAt ?? .latest)
        case .agent, .device, .credential: throw .invalidCredentials
        }
    }
}
