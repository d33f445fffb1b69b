import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

/// An authority over a store in memory, an issuer whose tokens it takes, and clocks that only the test moves.
struct BrokerFixture {
    /// Of no password that anybody has.
    private static let passwordHash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
    static let agent = (username: "station-agent", password: Secret("the agent's own password"))

    let accounts: AccountFixture
    let policy = BrokerPolicyBoard()
    let refusals = RefusedLogins()
    let authority: BrokerAuthority

    var hub: StationHub { self.accounts.hub }
    var clock: ManualClock { self.accounts.clock }

    init(database: StationDatabase? = nil) async throws {
        self.accounts = try await AccountFixture(database: database)
        self.authority = BrokerAuthority(
            hub: self.accounts.hub, desk: self.accounts.desk, issuer: try await IssuerFixture.tokens([.elliptic]),
            policy: self.policy, agent: Self.agent, refusals: self.refusals, clock: self.accounts.clock
        )
    }

    // MARK: Asking

    static func caller(
        _ username: String?, _ password: Secret? = nil, client: String? = nil, bearer: Secret? = nil,
        broker: String = "broker"
    ) -> BrokerCaller {
        BrokerCaller(broker: broker, bearer: bearer, username: username, password: password, clientID: client)
    }

    /// Why a client is not let in; `nil` when it is.
    func refusal(_ caller: BrokerCaller) async -> BrokerRefusal? {
        do throws(BrokerRefusal) {
            _ = try await self.authority.admit(caller)
            return nil
        } catch {
            return error
        }
    }

    func mayRead(_ topic: String, _ caller: BrokerCaller) async -> Bool {
        await self.authority.decide([.read], on: topic, for: caller).isAllowed
    }

    /// How often somebody was refused, and why; only what is often enough is known.
    func refused(_ who: String) -> RefusedLogins.Entry? {
        self.refusals.current(at: self.clock.now).first { $0.who == who }
    }

    /// Tries in vain, as often as it takes to be known.
    func tryInVain(_ caller: BrokerCaller) async {
        for _ in 0..<RefusedLogins.threshold {
            let refusal = await self.refusal(caller)
            #expect(refusal != nil)
        }
    }

    // MARK: Making

    func addDevice(_ name: String, place: PlaceID? = nil) async throws -> (device: Device, token: Secret) {
        try await self.hub.addDevice(NewDevice(name: name, externalID: ExternalID(name), placeID: place))
    }

    func addUser(_ email: String, _ admission: NewUser.Admission = .given(.member)) async throws -> User {
        try await self.hub.addUser(
            NewUser(
                email: try #require(EmailAddress(email)), name: "", passwordHash: Self.passwordHash,
                admission: admission, isEmailVerified: true
            )
        )
    }

    func mint(
        _ owner: CredentialOwner, lifetime: Duration = .seconds(86_400)
    ) async throws -> (credential: BrokerCredential, password: Secret) {
        try await self.hub.mintCredential(for: owner, lifetime: lifetime)
    }

    /// The login of somebody with an account, as a client that has connected with it asks.
    func connect(_ user: User) async throws -> BrokerCaller {
        let (credential, password) = try await self.mint(.user(user.id))
        let caller = Self.caller(credential.username, password, client: credential.username)
        let refusal = await self.refusal(caller)
        #expect(refusal == nil)
        return Self.caller(credential.username, client: credential.username)
    }

    /// A token of the issuer; without changes it is good for 300 s, of group “admins” and with scope “mqtt.read”.
    func token(_ changes: [String: String?] = [:]) throws -> Secret {
        Secret(try IssuerKeyPair.elliptic.token(IssuerFixture.payload(changes)))
    }

    /// Lets whoever has the scope “mqtt.read” see a topic; the group that is named may do everything.
    func setPolicy(topic: String = "celine/#", superusers: String = "nobody") throws {
        let policy: JSONValue = [
            "mqtt": [
                "acl": ["rules": [["subjects": [:], "topics": [.string(topic)], "actions": ["subscribe", "read"]]]],
                "roles": [
                    "group_permissions": .object(JSONObject(dictionaryLiteral: (superusers, ["superuser"]))),
                    "scope_permissions": ["mqtt.read": ["subscribe", "read"]],
                ],
            ]
        ]
        self.policy.replace(by: try BrokerPolicy(json: policy))
    }
}
