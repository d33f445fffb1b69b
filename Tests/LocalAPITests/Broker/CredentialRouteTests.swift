import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("Minting logins at the broker")
struct CredentialRouteTests {
    private static let path = "/api/mqtt/credentials"

    /// Counts how often somebody waited for the broker.
    private final class CountingLogins: LoginProjection {
        private let calls = Locked(0)

        var count: Int { self.calls.value }

        func settle() async {
            self.calls.withLock { $0 += 1 }
        }
    }

    private static func login(_ answer: HTTPAnswer) throws -> (name: String, password: String) {
        expectStatus(answer, 200)
        let json = try answer.json
        #expect(json.objectValue?.members.map(\.key) == ["username", "password", "client_id", "expires_at"])
        #expect(json["client_id"] == json["username"])
        #expect(answer["Cache-Control"] == "no-store")
        return (
            try #require(json["username"]?.stringValue), try #require(json["password"]?.stringValue)
        )
    }

    private static func ask(_ login: (name: String, password: String), _ station: LocalAPIFixture) async throws -> Int {
        let body: JSONValue = [
            "clientid": .string(login.name), "password": .string(login.password), "username": .string(login.name),
        ]
        return try await station.ask("/mqtt/user", json: body.description).status
    }

    @Test("Whoever is signed in gets a login for a day, which is good when it is shown")
    func own() async throws {
        let clock = ManualClock()
        let logins = CountingLogins()
        try await LocalAPIFixture.run(clock: clock, logins: logins) { station in
            let answer = try await station.api.post(Self.path)
            let login = try Self.login(answer)
            #expect(login.name == "user:\(station.owner.user.id)")
            #expect(login.password.count == 43)
            let end = clock.wallTime.adding(.seconds(86_400))
            #expect(try answer.json["expires_at"] == .string(end.description))
            #expect(logins.count == 1)
            let inTime = try await Self.ask(login, station)
            clock.advance(by: .seconds(86_400))
            let late = try await Self.ask(login, station)
            #expect(inTime == 200 && late == 403)
        }
    }

    @Test("How long it is good can be set")
    func lifetime() async throws {
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock, configure: { $0.credentialLifetime = .seconds(60) }) { station in
            let answer = try await station.api.post(Self.path)
            #expect(try answer.json["expires_at"] == .string(clock.wallTime.adding(.seconds(60)).description))
        }
    }

    @Test("A sixth login takes the place of the oldest")
    func sixth() async throws {
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock) { station in
            let statuses = try await Self.mintSix(station, clock)
            #expect(statuses == [403, 200, 200, 200, 200, 200])
        }
    }

    private static func mintSix(_ station: LocalAPIFixture, _ clock: ManualClock) async throws -> [Int] {
        var logins: [(name: String, password: String)] = []
        for _ in 0..<6 {
            clock.advance(by: .seconds(1))
            logins.append(try Self.login(try await station.api.post(Self.path)))
        }
        #expect(Set(logins.map(\.name)).count == 5)
        var statuses: [Int] = []
        for login in logins { statuses.append(try await Self.ask(login, station)) }
        return statuses
    }

    @Test("Its holder sees what it may see at this moment, and nothing once its account is gone")
    func rights() async throws {
        try await LocalAPIFixture.run { station in
            let signIn = try await station.addUser("anna@example.com", role: .member, isStationMember: false)
            let place = try await station.hub.addPlace(name: "Flat", owner: station.owner.user.id)
            _ = try await station.hub.addDevice(
                NewDevice(name: "lamp", externalID: ExternalID("lamp"), placeID: place.id)
            )
            let probe = HTTPProbe(port: station.port, token: signIn.accessToken)
            let login = try Self.login(try await probe.post(Self.path))
            let admitted = try await Self.ask(login, station)
            #expect(admitted == 200)
            let question = """
                {"acc":5,"clientid":"\(login.name)","topic":"station/s1/device/lamp/state","username":"\(login.name)"}
                """
            expectVerdict(try await station.ask("/mqtt/acl", json: question), 403, "not allowed")
            try await station.hub.addMember(email: "anna@example.com", role: .viewer, to: place.id, by: .owner)
            expectVerdict(try await station.ask("/mqtt/acl", json: question), 200)
            try await station.hub.removeUser(signIn.user.id)
            expectVerdict(try await station.ask("/mqtt/acl", json: question), 403, "not allowed")
            let gone = try await Self.ask(login, station)
            #expect(gone == 403)
        }
    }

    @Test("An issuer's token gives a login for its subject, which ends with the token")
    func issuer() async throws {
        try await LocalAPIFixture.run(
            issuer: IssuerVector.tokens(), configure: { $0.credentialLifetime = .seconds(10_000_000_000) }
        ) { station in
            station.policy.replace(by: try IssuerVector.policy())
            let answer = try await HTTPProbe(port: station.port, token: IssuerVector.reader).post(Self.path)
            let login = try Self.login(answer)
            #expect(login.name == "token:user:reader")
            #expect(try answer.json["expires_at"] == "2100-01-01T00:00:00.000Z")
            let admitted = try await Self.ask(login, station)
            #expect(admitted == 200)
            let question = #"{"acc":4,"clientid":"\#(login.name)","topic":"celine/#","username":"\#(login.name)"}"#
            expectVerdict(try await station.ask("/mqtt/acl", json: question), 200)
        }
    }

    @Test("Without a token that is in force nothing is made, least of all for a device or the agent token")
    func refused() async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            let (_, device) = try await station.addNamedDevice("lamp")
            try expectError(try await station.stranger.post(Self.path), 401, "unauthorized")
            for token in [IssuerVector.old, device, LocalAPIFixture.token, Secret("a.b.c")] {
                let answer = try await HTTPProbe(port: station.port, token: token).post(Self.path)
                try expectError(answer, 401, "invalid_token")
                #expect(answer["WWW-Authenticate"] == "Bearer")
            }
        }
    }

    @Test("Without an issuer its tokens mean nothing")
    func noIssuer() async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await HTTPProbe(port: station.port, token: IssuerVector.reader).post(Self.path)
            try expectError(answer, 401, "invalid_token")
        }
    }

    @Test("A token of a device is shown once the broker knows it, and nothing else waits for that")
    func deviceTokens() async throws {
        let logins = CountingLogins()
        try await LocalAPIFixture.run(logins: logins) { station in
            let made = try await station.api.post("/api/devices", json: ["name": "lamp"])
            expectStatus(made, 201)
            #expect(logins.count == 1)
            let id = try #require(try made.json["device", "id"]?.stringValue)
            expectStatus(try await station.api.post("/api/devices/\(id)/token"), 200)
            #expect(logins.count == 2)
            let place = station.hub.defaultPlaceID
            let placed = try await station.api.post("/api/places/\(place)/devices", json: ["name": "door"])
            expectStatus(placed, 201)
            #expect(logins.count == 3)
            let placedID = try #require(try placed.json["device_id"]?.stringValue)
            let renewed = try await station.api.post("/api/places/\(place)/devices/\(placedID)/regenerate-token")
            expectStatus(renewed, 200)
            #expect(logins.count == 4)

            expectStatus(try await station.api.patch("/api/devices/\(id)", json: ["name": "light"]), 200)
            expectStatus(try await station.api.post("/api/devices", json: ["name": ""]), 422)
            expectStatus(try await station.api.delete("/api/devices/\(id)"), 204)
            expectStatus(try await station.stranger.post(Self.path), 401)
            #expect(logins.count == 4)
        }
    }
}
