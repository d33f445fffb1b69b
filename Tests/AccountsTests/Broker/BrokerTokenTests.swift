import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Tokens at a broker that asks")
struct BrokerTokenTests {
    private typealias Fixture = BrokerFixture

    @Test("A token is looked for in the header, then in the password, then in the user name; the first one counts")
    func order() async throws {
        let station = try await Fixture()
        let good = try station.token()
        let bad = try station.token(["exp": "\(IssuerFixture.seconds - 1)"])
        let callers: [(BrokerCaller, BrokerRefusal?)] = [
            (Fixture.caller(nil, bearer: good), nil),
            (Fixture.caller("anybody", good), nil),
            (Fixture.caller(good.revealed), nil),
            (Fixture.caller(good.revealed, Secret("x")), nil),
            (Fixture.caller(bad.revealed, bad, bearer: good), nil),
            (Fixture.caller(bad.revealed, good), nil),
            (Fixture.caller(good.revealed, good, bearer: bad), .invalidCredentials),
            (Fixture.caller(good.revealed, good, bearer: Secret("x")), .invalidCredentials),
            (Fixture.caller(good.revealed, bad), .invalidCredentials),
            (Fixture.caller("anybody", bad), .invalidCredentials),
        ]
        for (index, (caller, expected)) in callers.enumerated() {
            let refusal = await station.refusal(caller)
            #expect(refusal == expected, "\(index)")
        }
    }

    @Test(
        "What does not look like a token is a password or a name",
        arguments: [
            "", "x", "a.b", "hall.lamp.2", "a.b.c", "eyJ.eyJ.eyJ", "e30..e30", "e30.e30", "e30.e30.e30.e30",
            "e30=.e30.e30", "W10.e30.e30", " e30.e30.e30", "e30.e30.e30\n", "e30.e+0.e30", "bnVsbA.e30.e30",
        ])
    func looks(text: String) {
        #expect(Fixture.caller(text, Secret(text)).token == nil)
        #expect(Fixture.caller("e30.e30.e30", Secret(text)).token == Secret("e30.e30.e30"))
    }

    @Test("A device whose name has three parts logs in with its own token")
    func dottedName() async throws {
        let station = try await Fixture()
        let (_, token) = try await station.addDevice("hall.lamp.2")
        let refusal = await station.refusal(Fixture.caller("hall.lamp.2", token, client: "hall.lamp.2"))
        #expect(refusal == nil)
    }

    @Test("A token of the station is good until its end, and dead when its session is")
    func ownToken() async throws {
        let station = try await Fixture()
        try await station.accounts.register("owner@example.com")
        let signIn = try await station.accounts.signIn("owner@example.com")
        let caller = Fixture.caller("owner", signIn.accessToken, client: "phone")
        let admission = try await station.authority.admit(caller)
        #expect(!admission.isSuperuser)
        #expect(admission.expiresAt == station.clock.wallTime.adding(.seconds(900)))

        let other = try await station.accounts.signIn("owner@example.com")
        try await station.accounts.desk.signOut(try #require(other.refreshToken))
        let signedOut = await station.refusal(Fixture.caller("owner", other.accessToken))
        #expect(signedOut == .invalidCredentials)

        // At the API it is good for some seconds longer.
        station.clock.advance(by: .seconds(900))
        _ = try await station.accounts.desk.authenticate(signIn.accessToken)
        let late = await station.refusal(caller)
        #expect(late == .invalidCredentials)
    }

    @Test("Who shows a token of the station may do what the policy says of their role, the only group that they have")
    func ownTokenRights() async throws {
        let station = try await Fixture()
        try await station.accounts.register("owner@example.com")
        let token = try await station.accounts.signIn("owner@example.com").accessToken
        let decision = await station.authority.decide(
            [.subscribe], on: "celine/x", for: Fixture.caller(nil, bearer: token)
        )
        #expect(decision == .denied("not allowed"))
        let superuser = await station.authority.decideSuperuser(Fixture.caller(nil, bearer: token))
        #expect(superuser == .denied("not a superuser"))
        try station.setPolicy(topic: "celine/#", superusers: "owner")
        let isOne = await station.authority.decideSuperuser(Fixture.caller(nil, bearer: token))
        #expect(isOne == .allowed)
        try station.setPolicy(topic: "celine/#", superusers: "member")
        let isNone = await station.authority.decideSuperuser(Fixture.caller(nil, bearer: token))
        #expect(isNone == .denied("not a superuser"))
    }

    @Test("The subject of an issuer's token may do what the policy says, and a change of it is felt at once")
    func issuerToken() async throws {
        let station = try await Fixture()
        let caller = Fixture.caller(nil, bearer: try station.token())
        let before = await station.mayRead("celine/x", caller)
        try station.setPolicy()
        let allowed = await station.mayRead("celine/x", caller)
        let elsewhere = await station.mayRead("secret/x", caller)
        #expect(!before && allowed && !elsewhere)

        try station.setPolicy(topic: "other/#", superusers: "admins")
        let superuser = await station.authority.decideSuperuser(caller)
        #expect(superuser == .allowed)
        let admission = try await station.authority.admit(caller)
        #expect(admission.isSuperuser)
        #expect(admission.expiresAt == station.clock.wallTime.adding(.seconds(300)))
        station.policy.replace(by: .empty)
        let after = await station.authority.decideSuperuser(caller)
        #expect(after == .denied("not a superuser"))
        let nothing = await station.mayRead("other/x", caller)
        #expect(!nothing)
    }

    @Test("All of several actions must be allowed, and topics that are none are told so")
    func actions() async throws {
        let station = try await Fixture()
        try station.setPolicy()
        let caller = Fixture.caller(nil, bearer: try station.token())
        let both = await station.authority.decide([.subscribe, .read], on: "celine/x", for: caller)
        #expect(both == .allowed)
        let all = await station.authority.decide([.read, .publish, .subscribe], on: "celine/x", for: caller)
        #expect(all == .denied("not allowed"))
        for topic in ["", "a\u{0}b", "celine/+", "celine/#"] {
            let decision = await station.authority.decide([.read], on: topic, for: caller)
            #expect(decision == .denied("invalid topic"))
        }
    }

    @Test("A token is not taken under a name that has a password of its own")
    func foreignNames() async throws {
        let station = try await Fixture()
        let (device, _) = try await station.addDevice("lamp")
        let user = try await station.addUser("anna@example.com")
        let credential = try await station.mint(.user(user.id)).credential
        let token = try station.token()
        for name in ["lamp", "device:\(device.id)", credential.username, "station-agent"] {
            let refusal = await station.refusal(Fixture.caller(name, token, client: name))
            #expect(refusal == .foreignName, "\(name)")
            let header = await station.refusal(Fixture.caller(name, bearer: token))
            #expect(header == .foreignName, "\(name)")
        }
        // To a broker that is another name.
        let other = await station.refusal(Fixture.caller("LAMP", token, client: "lamp"))
        #expect(other == nil)
    }

    @Test("A login is minted for whoever shows a token: for an account without end, for a subject until the token's")
    func holders() async throws {
        let station = try await Fixture()
        let user = try await station.accounts.register("owner@example.com")
        let own = try await station.accounts.signIn("owner@example.com").accessToken
        let account = try await station.authority.holder(of: own)
        #expect(account.owner == .user(user.id) && account.end == .latest)

        let subject = try await station.authority.holder(of: try station.token())
        #expect(subject.end == station.clock.wallTime.adding(.seconds(300)))
        guard case .token(let owner) = subject.owner else {
            Issue.record("\(subject.owner)")
            return
        }
        #expect(owner.kind == .user && owner.id == IssuerFixture.subject && owner.groups == ["admins"])

        let (_, device) = try await station.addDevice("lamp")
        for token in [Secret(""), Secret("x"), device, Fixture.agent.password] {
            await #expect(throws: BrokerRefusal.invalidCredentials) { try await station.authority.holder(of: token) }
        }
    }

    @Test("Without an issuer only the station's own tokens are taken")
    func noIssuer() async throws {
        let station = try await Fixture()
        let authority = BrokerAuthority(
            hub: station.hub, desk: station.accounts.desk, issuer: nil, policy: station.policy, agent: nil,
            refusals: station.refusals, clock: station.clock
        )
        let token = try station.token()
        await #expect(throws: BrokerRefusal.invalidCredentials) {
            try await authority.admit(Fixture.caller(nil, bearer: token))
        }
        try await station.accounts.register("owner@example.com")
        let own = try await station.accounts.signIn("owner@example.com").accessToken
        _ = try await authority.admit(Fixture.caller(nil, bearer: own))
    }
}
