import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Logins at a broker that asks, by user name and password")
struct BrokerLoginTests {
    private typealias Fixture = BrokerFixture

    @Test("A device is let in under either of its names, when the client id is the same or is not told")
    func device() async throws {
        let station = try await Fixture()
        let (device, token) = try await station.addDevice("lamp")
        for name in ["lamp", "device:\(device.id)"] {
            for client in [name, nil, ""] {
                let admission = try await station.authority.admit(Fixture.caller(name, token, client: client))
                #expect(!admission.isSuperuser && admission.expiresAt == nil)
            }
            for client in ["lamp2", "LAMP", "device:lamp", "\(device.id)", " "] {
                let refusal = await station.refusal(Fixture.caller(name, token, client: client))
                #expect(refusal == .wrongClientID, "\(client)")
            }
        }
    }

    @Test("A device is let in with its own token only")
    func wrongToken() async throws {
        let station = try await Fixture()
        let (_, token) = try await station.addDevice("lamp")
        let (_, other) = try await station.addDevice("door")
        let wrong = [
            other, Secret("\(token.revealed) "), Secret(String(token.revealed.dropLast())), Secret("x"),
            Fixture.agent.password,
        ]
        for password in wrong {
            let refusal = await station.refusal(Fixture.caller("lamp", password, client: "lamp"))
            #expect(refusal == .invalidCredentials)
        }
    }

    @Test("What is no name of a device lets nobody in, whatever it looks like")
    func otherNames() async throws {
        let station = try await Fixture()
        let (device, token) = try await station.addDevice("Kitchen")
        let names = [
            "\(device.id)", "device:\(device.id)".uppercased(), "device:\("\(device.id)".uppercased())",
            "device:Kitchen",
            // To Swift the Kelvin sign is a K.
            "\u{212A}itchen", "kitchen", "Kitchen ", "Kitchen\u{0}", "device:\(device.id)\u{301}",
        ]
        for name in names {
            let refusal = await station.refusal(Fixture.caller(name, token, client: name))
            #expect(refusal == .invalidCredentials, "\(name)")
        }
        let alike = await station.refusal(Fixture.caller("Kitchen", token, client: "\u{212A}itchen"))
        #expect(alike == .wrongClientID)
    }

    @Test("A removed device and an old token are refused at once")
    func removed() async throws {
        let station = try await Fixture()
        let (device, token) = try await station.addDevice("lamp")
        let new = try await station.hub.renewToken(of: device.id)
        let old = await station.refusal(Fixture.caller("lamp", token, client: "lamp"))
        #expect(old == .invalidCredentials)
        let present = await station.refusal(Fixture.caller("lamp", new, client: "lamp"))
        #expect(present == nil)
        try await station.hub.removeDevice(device.id)
        let gone = await station.refusal(Fixture.caller("lamp", new, client: "lamp"))
        #expect(gone == .invalidCredentials)
    }

    @Test("The agent itself is let in, from whatever client, and may do everything")
    func agent() async throws {
        let station = try await Fixture()
        let (name, password) = Fixture.agent
        for client in [name, nil, "another"] {
            let admission = try await station.authority.admit(Fixture.caller(name, password, client: client))
            #expect(admission.isSuperuser && admission.expiresAt == nil)
        }
        let wrong = await station.refusal(Fixture.caller(name, Secret("guess"), client: name))
        #expect(wrong == .invalidCredentials)
        for name in ["admin", "collector", "station-agent2", "root"] {
            let refusal = await station.refusal(Fixture.caller(name, password, client: name))
            #expect(refusal == .invalidCredentials, "\(name)")
        }
    }

    @Test("Without a password of its own the agent has no login")
    func agentWithoutPassword() async throws {
        let station = try await Fixture()
        let agents: [(username: String, password: Secret)?] = [nil, (username: "station-agent", password: Secret(""))]
        for agent in agents {
            let authority = BrokerAuthority(
                hub: station.hub, desk: station.accounts.desk, issuer: nil, policy: station.policy, agent: agent,
                refusals: station.refusals, clock: station.clock
            )
            await #expect(throws: BrokerRefusal.self) {
                try await authority.admit(Fixture.caller("station-agent", Secret("x")))
            }
            await #expect(throws: BrokerRefusal.missingToken) {
                try await authority.admit(Fixture.caller("station-agent", Secret("")))
            }
        }
    }

    @Test("Who shows nothing is told that it is missing")
    func nothing() async throws {
        let station = try await Fixture()
        _ = try await station.addDevice("lamp")
        for caller in [
            Fixture.caller(nil), Fixture.caller(""), Fixture.caller(nil, Secret("x"), client: "lamp"),
            Fixture.caller("lamp", client: "lamp"), Fixture.caller("lamp", Secret(""), client: "lamp"),
        ] {
            let refusal = await station.refusal(caller)
            #expect(refusal == .missingToken)
        }
    }

    @Test("A minted login is let in under its name until its end, and no longer than its owner is there")
    func credential() async throws {
        let station = try await Fixture()
        let user = try await station.addUser("anna@example.com")
        let (credential, password) = try await station.mint(.user(user.id), lifetime: .seconds(60))
        let name = credential.username
        let caller = Fixture.caller(name, password, client: name)
        let admission = try await station.authority.admit(caller)
        let untold = try await station.authority.admit(Fixture.caller(name, password))
        #expect(admission == untold)
        #expect(!admission.isSuperuser)
        #expect(admission.expiresAt == credential.expiresAt)
        let other = await station.refusal(Fixture.caller(name, password, client: "phone"))
        #expect(other == .wrongClientID)
        let wrong = await station.refusal(Fixture.caller(name, Secret("guess"), client: name))
        #expect(wrong == .invalidCredentials)

        station.clock.advance(by: .seconds(60))
        let late = await station.refusal(caller)
        #expect(late == .invalidCredentials)

        let (second, secondPassword) = try await station.mint(.user(user.id))
        try await station.hub.removeUser(user.id)
        let gone = await station.refusal(Fixture.caller(second.username, secondPassword, client: second.username))
        #expect(gone == .invalidCredentials)
    }

    @Test("Of six minted logins the last five are good")
    func sixth() async throws {
        let station = try await Fixture()
        let user = try await station.addUser("anna@example.com")
        var callers: [BrokerCaller] = []
        for _ in 0..<6 {
            station.clock.advance(by: .seconds(1))
            let (credential, password) = try await station.mint(.user(user.id))
            callers.append(Fixture.caller(credential.username, password, client: credential.username))
        }
        let first = await station.refusal(callers[0])
        #expect(first == .invalidCredentials)
        for caller in callers.dropFirst() {
            let refusal = await station.refusal(caller)
            #expect(refusal == nil)
        }
    }

    @Test("Who keeps failing is noted by name, as far as it can be shown, until it gets in")
    func noted() async throws {
        let station = try await Fixture()
        let (_, token) = try await station.addDevice("lamp")
        await station.tryInVain(Fixture.caller("lamp", Secret("old token"), client: "lamp"))
        #expect(station.refused("lamp")?.reason == .wrongPassword)
        let refusal = await station.refusal(Fixture.caller("lamp", token, client: "lamp"))
        #expect(refusal == nil)
        #expect(station.refused("lamp") == nil)

        await station.tryInVain(Fixture.caller("toaster", Secret("x"), client: "toaster"))
        #expect(station.refused("toaster")?.reason == .unknown)
        await station.tryInVain(Fixture.caller("\u{1b}[2J\u{202E}evil\n" + String(repeating: "x", count: 100)))
        #expect(station.refused("[2Jevil" + String(repeating: "x", count: 57))?.count == 3)
        // Nobody's password is in doubt when the client id is another's, or when a token is no good.
        await station.tryInVain(Fixture.caller("lamp", token, client: "lamp2"))
        await station.tryInVain(Fixture.caller("lamp", client: "lamp", bearer: Secret("x")))
        #expect(station.refused("lamp") == nil)
    }

    @Test("While the store is away nobody is refused for good, and nobody is noted")
    func storeAway() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station.sqlite")
            let station = try await Fixture(database: StationDatabase.open(path: path))
            let (_, token) = try await station.addDevice("lamp")
            let user = try await station.addUser("anna@example.com")
            let (credential, password) = try await station.mint(.user(user.id))
            try await SQLiteShell(database: path, directory: directory).takeAway("devices")
            await station.tryInVain(Fixture.caller("lamp", token, client: "lamp"))
            let refusal = await station.refusal(Fixture.caller("lamp", token, client: "lamp"))
            #expect(refusal == .tryAgain)
            #expect(station.refused("lamp") == nil)
            // What is in memory goes on.
            let minted = await station.refusal(Fixture.caller(credential.username, password))
            #expect(minted == nil)
        }
    }
}
