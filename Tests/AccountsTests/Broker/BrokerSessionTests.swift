import StationCore
import StationData
import StationTestSupport
import Testing

@testable import Accounts

@Suite("Who was let in at a broker that asks")
struct BrokerSessionTests {
    private typealias Fixture = BrokerFixture

    private static func session(_ id: String, until end: Timestamp? = nil) -> BrokerSession {
        BrokerSession(
            identity: .subject(TokenSubject(kind: .user, id: id, groups: [], scopes: [])), expiresAt: end
        )
    }

    @Test("A question without a token is answered for whoever was let in with this client id and this name")
    func remembered() async throws {
        let station = try await Fixture()
        try station.setPolicy()
        let admitted = await station.refusal(Fixture.caller("anna", try station.token(), client: "c1"))
        #expect(admitted == nil)
        let known = await station.mayRead("celine/x", Fixture.caller("anna", client: "c1"))
        #expect(known)
        for caller in [
            Fixture.caller("anna", client: "c2"), Fixture.caller("anna"), Fixture.caller("bob", client: "c1"),
            Fixture.caller(nil, client: "c1"), Fixture.caller(nil), Fixture.caller("anna", client: "C1"),
            Fixture.caller("anna", client: "c1", broker: "another"), Fixture.caller("ann", client: "ac1"),
        ] {
            let decision = await station.authority.decide([.read], on: "celine/x", for: caller)
            #expect(decision == .denied("missing token"))
        }
    }

    @Test("Texts that Swift takes for equal are two clients")
    func bytes() async throws {
        let station = try await Fixture()
        try station.setPolicy()
        _ = await station.refusal(Fixture.caller("K", try station.token(["scope": "\"x\""]), client: "e\u{301}"))
        _ = await station.refusal(Fixture.caller("\u{212A}", try station.token(), client: "\u{e9}"))
        let first = await station.mayRead("celine/x", Fixture.caller("K", client: "e\u{301}"))
        let second = await station.mayRead("celine/x", Fixture.caller("\u{212A}", client: "\u{e9}"))
        let mixed = await station.mayRead("celine/x", Fixture.caller("K", client: "\u{e9}"))
        #expect(!first && second && !mixed)
    }

    @Test("A failed login changes nothing of the last good one; the next good one does")
    func failedLogin() async throws {
        let station = try await Fixture()
        try station.setPolicy()
        let client = Fixture.caller("anna", client: "c1")
        _ = await station.refusal(Fixture.caller("anna", try station.token(), client: "c1"))
        for password in [Secret("guess"), try station.token(["exp": "1"]), Secret("")] {
            let refusal = await station.refusal(Fixture.caller("anna", password, client: "c1"))
            #expect(refusal != nil)
            let known = await station.mayRead("celine/x", client)
            #expect(known)
        }
        let other = await station.refusal(
            Fixture.caller("anna", try station.token(["scope": "\"email\""]), client: "c1"))
        #expect(other == nil)
        let known = await station.mayRead("celine/x", client)
        #expect(!known)
    }

    @Test("A session ends with what was shown for it")
    func expiry() async throws {
        let station = try await Fixture()
        try station.setPolicy()
        let client = Fixture.caller("anna", client: "c1")
        _ = await station.refusal(Fixture.caller("anna", try station.token(), client: "c1"))
        station.clock.advance(by: .milliseconds(299_999))
        let inTime = await station.mayRead("celine/x", client)
        #expect(inTime)
        station.clock.advance(by: .milliseconds(1))
        let late = await station.authority.decide([.read], on: "celine/x", for: client)
        #expect(late == .denied("invalid credentials"))
        // Setting the clock back brings nothing back.
        station.clock.stepWall(by: .seconds(-3600))
        let again = await station.mayRead("celine/x", client)
        #expect(!again)
    }

    @Test("After a restart devices and minted logins are known by their names, people with tokens are not")
    func restart() async throws {
        let station = try await Fixture()
        let (device, _) = try await station.addDevice("lamp")
        let user = try await station.addUser("anna@example.com")
        let credential = try await station.mint(.user(user.id)).credential
        let topic = "station/s1/device/lamp/command"
        for name in ["lamp", "device:\(device.id)"] {
            let own = await station.mayRead(topic, Fixture.caller(name, client: name))
            let untold = await station.mayRead(topic, Fixture.caller(name))
            let other = await station.mayRead(topic, Fixture.caller(name, client: "other"))
            #expect(own && untold && !other, "\(name)")
        }
        let state = "station/s1/device/lamp/state"
        let minted = await station.mayRead(
            state, Fixture.caller(credential.username, client: credential.username))
        #expect(minted)
        let agent = await station.mayRead(state, Fixture.caller("station-agent", client: "station-agent"))
        #expect(!agent)

        try await station.hub.removeDevice(device.id)
        try await station.hub.removeUser(user.id)
        let removed = await station.mayRead(topic, Fixture.caller("lamp", client: "lamp"))
        let gone = await station.mayRead(state, Fixture.caller(credential.username))
        #expect(!removed && !gone)
    }

    @Test("Whose token is over is not taken for a device that got this name meanwhile")
    func nameTakenLater() async throws {
        let station = try await Fixture()
        let client = Fixture.caller("lamp", client: "lamp")
        let admitted = await station.refusal(Fixture.caller("lamp", try station.token(), client: "lamp"))
        #expect(admitted == nil)
        let (_, token) = try await station.addDevice("lamp")
        let command = "station/s1/device/lamp/command"
        let during = await station.mayRead(command, client)
        station.clock.advance(by: .seconds(301))
        let after = await station.mayRead(command, client)
        #expect(!during && !after)
        // The device itself logs in, and is known from then on.
        let device = await station.refusal(Fixture.caller("lamp", token, client: "lamp"))
        #expect(device == nil)
        let itself = await station.mayRead(command, client)
        #expect(itself)
    }

    @Test("Under a name everybody may do everything only if everybody is a superuser who was let in with it")
    func superuser() async throws {
        let station = try await Fixture()
        try station.setPolicy(superusers: "admins")
        let name = Fixture.caller("anna")
        let unknown = await station.authority.decideSuperuser(name)
        #expect(unknown == .denied("not a superuser"))
        let nameless = await station.authority.decideSuperuser(Fixture.caller(nil))
        #expect(nameless == .denied("missing token"))

        _ = await station.refusal(Fixture.caller("anna", try station.token(), client: "c1"))
        _ = await station.refusal(Fixture.caller("anna", try station.token(), client: "c2"))
        let all = await station.authority.decideSuperuser(name)
        #expect(all == .allowed)
        let elsewhere = await station.authority.decideSuperuser(Fixture.caller("anna", broker: "another"))
        #expect(elsewhere == .denied("not a superuser"))

        let short = ["realm_access": nil, "exp": "\(IssuerFixture.seconds + 10)"] as [String: String?]
        _ = await station.refusal(Fixture.caller("anna", try station.token(short), client: "c3"))
        let mixed = await station.authority.decideSuperuser(name)
        #expect(mixed == .denied("not a superuser"))
        // Then that one is over.
        station.clock.advance(by: .seconds(10))
        let rest = await station.authority.decideSuperuser(name)
        #expect(rest == .allowed)
        station.clock.advance(by: .seconds(290))
        let none = await station.authority.decideSuperuser(name)
        #expect(none == .denied("not a superuser"))
    }

    @Test("The agent is a superuser by name once it was let in, a device and a person never are")
    func superuserNames() async throws {
        let station = try await Fixture()
        try station.setPolicy(superusers: "admins")
        let (_, token) = try await station.addDevice("lamp")
        let owner = try await station.addUser("owner@example.com", .firstOwner)
        let person = try await station.connect(owner)
        _ = await station.refusal(Fixture.caller("lamp", token, client: "lamp"))
        for caller in [Fixture.caller("lamp"), person, Fixture.caller("station-agent")] {
            let decision = await station.authority.decideSuperuser(caller)
            #expect(decision == .denied("not a superuser"))
        }
        _ = await station.refusal(Fixture.caller("station-agent", Fixture.agent.password, client: "agent-1"))
        let agent = await station.authority.decideSuperuser(Fixture.caller("station-agent"))
        #expect(agent == .allowed)
    }

    // MARK: The table

    @Test("Of more than ten thousand the one goes that was not used for the longest time")
    func bound() {
        let sessions = BrokerSessions()
        let time = ManualClock.usualWallTime
        for number in 0..<BrokerSessions.capacity {
            sessions.keep(Self.session("\(number)"), of: Fixture.caller("same", client: "c\(number)"))
        }
        // Used: by a question, and by a new login.
        #expect(sessions.find(Fixture.caller("same", client: "c0"), at: time) != .unknown)
        sessions.keep(Self.session("1"), of: Fixture.caller("same", client: "c1"))
        sessions.keep(Self.session("new"), of: Fixture.caller("new", client: "n"))
        #expect(sessions.count == BrokerSessions.capacity)
        #expect(sessions.find(Fixture.caller("same", client: "c2"), at: time) == .unknown)
        for client in ["c0", "c1", "c3", "c9999"] {
            #expect(sessions.find(Fixture.caller("same", client: client), at: time) != .unknown, "\(client)")
        }
        #expect(sessions.find(Fixture.caller("new", client: "n"), at: time) == .live(Self.session("new").identity))
        let isNewFound = sessions.areAll(named: Fixture.caller("new"), at: time) { $0 == Self.session("new").identity }
        let isOldGone = sessions.areAll(named: Fixture.caller("same"), at: time) { $0 != Self.session("2").identity }
        #expect(isNewFound && isOldGone)
    }

    @Test("Whoever has no name at all is not remembered")
    func nameless() {
        let sessions = BrokerSessions()
        sessions.keep(Self.session("x"), of: Fixture.caller(nil))
        #expect(sessions.count == 0)
        #expect(sessions.find(Fixture.caller(nil), at: ManualClock.usualWallTime) == .unknown)
    }

    @Test("A session that is over is told from none, until its place is needed")
    func over() {
        let sessions = BrokerSessions()
        let time = ManualClock.usualWallTime
        sessions.keep(Self.session("x", until: time), of: Fixture.caller("a", client: "c"))
        #expect(sessions.find(Fixture.caller("a", client: "c"), at: time) == .over)
        #expect(sessions.find(Fixture.caller("a", client: "c"), at: time.adding(.milliseconds(-1))) != .over)
        let isAny = sessions.areAll(named: Fixture.caller("a"), at: time) { _ in true }
        #expect(!isAny)
        for number in 0..<BrokerSessions.capacity {
            sessions.keep(Self.session("y"), of: Fixture.caller("b", client: "\(number)"))
        }
        // It was asked about since, but that is no use of it; what was before it is none either.
        #expect(sessions.find(Fixture.caller("a", client: "c"), at: time) == .unknown)
    }

    @Test("The order of use is that of a list in which everything used moves to its end")
    func order() {
        var order = UseOrder()
        var list: [Int] = []
        var random = RepeatableRandom(seed: 7)
        #expect(order.oldest == nil)
        for _ in 0..<2000 {
            if list.count < 20, random.next() % 4 == 0 {
                list.append(order.add())
            } else if let place = list.randomElement(using: &random) {
                order.use(place)
                list.removeAll { $0 == place }
                list.append(place)
            }
            #expect(order.oldest == list.first)
        }
    }
}
