import MQTTBridge
import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("People and services at an enforcing broker", .timeLimit(.minutes(5)))
struct PersonLoginTests {
    /// A person who looks on in a place of their own, with one device in it and one elsewhere.
    private struct Scene {
        let user: UserID
        let place: PlaceID
        let login: (username: String, password: Secret)

        static func make(_ station: EnforcedStation, lifetime: Duration = .seconds(3600)) async throws -> Scene {
            let owner = try await Self.addUser("owner@example.com", .firstOwner, station.hub)
            let user = try await Self.addUser("member@example.com", .open, station.hub)
            let place = try await station.hub.addPlace(name: "Upstairs", owner: owner).id
            try await station.hub.addMember(email: "member@example.com", role: .viewer, to: place, by: .owner)
            _ = try await station.addDevice("near", in: place)
            _ = try await station.addDevice("far")
            let minted = try await station.hub.mintCredential(for: .user(user), lifetime: lifetime)
            await station.fixture.bridge.logins.settle()
            return Scene(user: user, place: place, login: (minted.credential.username, minted.password))
        }

        static func addUser(
            _ email: String, _ admission: NewUser.Admission, _ hub: StationHub
        ) async throws -> UserID {
            let user = NewUser(
                email: try #require(EmailAddress(email)), name: "", passwordHash: "x", admission: admission,
                isEmailVerified: true
            )
            return try await hub.addUser(user).id
        }
    }

    @Test("A member hears what is under its places, and nothing of others")
    func hearing() async throws {
        try await EnforcedStation.run { station in
            let scene = try await Scene.make(station)
            let member = try await station.connect(scene.login.username, scene.login.password)
            let own = ["placebrain/\(scene.place)/#", "station/s-1/device/near/state", "station/+/device/near/#"]
            let others = [
                "station/s-1/device/far/state", "station/+/device/+/state", "#", "$SYS/#", "placebrain/+/alerts",
                "$CONTROL/#", "$share/g/station/s-1/device/near/state",
            ]
            let granted = try await (member.granted(own), member.granted(others))
            #expect(granted.0 == own && granted.1 == [])
            let witness = try await station.witness("end")
            try await witness.publishAll([
                "station/s-1/device/far/state", "station/s-1/device/near/command", "station/s-1/device/near/state",
            ])
            try await eventually("its own comes") { !member.topics.isEmpty }
            #expect(Set(member.topics) == ["station/s-1/device/near/state"])
        }
    }

    @Test("Nobody but devices says anything")
    func saying() async throws {
        try await EnforcedStation.run { station in
            let scene = try await Scene.make(station)
            let witness = try await station.witness("placebrain/#", "station/s-1/#")
            let member = try await station.connect(scene.login.username, scene.login.password)
            try await member.publishAll([
                "station/s-1/device/near/state", "station/s-1/device/near/command", "placebrain/\(scene.place)/alerts",
            ])
            try await witness.publish("station/s-1/end")
            try await eventually("what came last is there") { witness.topics.contains("station/s-1/end") }
            #expect(witness.topics == ["station/s-1/end"])
        }
    }

    @Test("A member who is removed from a place hears nothing more of it, at once")
    func removedMember() async throws {
        try await EnforcedStation.run { station in
            let scene = try await Scene.make(station)
            let member = try await station.connect(scene.login.username, scene.login.password)
            let topic = "station/s-1/device/near/state"
            let isGranted = try await member.maySubscribe(to: topic)
            #expect(isGranted)
            try await station.hub.removeMember(scene.user, from: scene.place, by: scene.user, as: .viewer)
            await station.fixture.bridge.logins.settle()
            let witness = try await station.witness("station/s-1/#")
            try await witness.publish(topic)
            try await eventually("others hear it") { witness.topics == [topic] }
            let mayAgain = try await member.maySubscribe(to: topic)
            #expect(!mayAgain && member.topics == [])
        }
    }

    @Test("A member who is taken into a place hears it without a new login")
    func addedMember() async throws {
        try await EnforcedStation.run { station in
            let scene = try await Scene.make(station)
            let owner = try #require(station.hub.users.first?.id)
            let member = try await station.connect(scene.login.username, scene.login.password)
            let place = try await station.hub.addPlace(name: "Cellar", owner: owner).id
            _ = try await station.addDevice("below", in: place)
            let before = try await member.maySubscribe(to: "station/s-1/device/below/state")
            try await station.hub.addMember(email: "member@example.com", role: .viewer, to: place, by: .owner)
            await station.fixture.bridge.logins.settle()
            let after = try await member.maySubscribe(to: "station/s-1/device/below/state")
            let isThere = await member.isConnected
            #expect(!before && after && isThere)
        }
    }

    @Test("A login that expires ends its connection; a removed account's does too")
    func expiry() async throws {
        try await EnforcedStation.run { station in
            let scene = try await Scene.make(station, lifetime: .seconds(2))
            let second = try await station.hub.mintCredential(for: .user(scene.user), lifetime: .seconds(3600))
            await station.fixture.bridge.logins.settle()
            let short = try await station.connect(scene.login.username, scene.login.password)
            let long = try await station.connect(second.credential.username, second.password)
            try await eventually("the first is over") {
                try await station.hub.forgetExpiredCredentials()
                return await !short.isConnected
            }
            let again = try await station.canConnect(scene.login.username, scene.login.password)
            let isThere = await long.isConnected
            #expect(!again && isThere)
            try await station.hub.removeUser(scene.user)
            try await long.waitUntilCutOff()
        }
    }

    @Test("The subject of a token may do what the policy says, and a new policy is in force at once")
    func policy() async throws {
        let subject = TokenSubject(kind: .service, id: "meter", groups: [], scopes: ["mqtt"])
        let board = BrokerPolicyBoard(try Self.policy(of: "energy/+/readings", denied: "energy/secret/#"))
        try await EnforcedStation.run(access: { $0.policy = board }) { station in
            let minted = try await station.hub.mintCredential(for: .token(subject), lifetime: .seconds(600))
            await station.fixture.bridge.logins.settle()
            let service = try await station.connect(minted.credential.username, minted.password)
            let wanted = ["energy/a/readings", "energy/+/readings", "energy/#", "energy/secret/readings", "other/a"]
            let granted = try await service.granted(wanted)
            #expect(granted == ["energy/a/readings", "energy/+/readings"])
            let witness = try await station.witness("end")
            try await witness.publishAll(["energy/secret/readings", "energy/b/readings"])
            try await eventually("what is allowed comes") { !service.topics.isEmpty }
            #expect(Set(service.topics) == ["energy/b/readings"])
            board.replace(by: try Self.policy(of: "other/+", denied: "nothing/#"))
            try await eventually("the new policy is in force") { try await service.maySubscribe(to: "other/a") }
            let old = try await service.maySubscribe(to: "energy/a/readings")
            #expect(!old)
        }
    }

    private static func policy(of topic: String, denied: String) throws -> BrokerPolicy {
        let subjects = #"{"types":["service"],"ids":["meter"]}"#
        return try BrokerPolicy(
            json: JSONValue.parse(
                """
                {"mqtt":{"acl":{"rules":[
                    {"subjects":\(subjects),"topics":["\(topic)"],"actions":"*","effect":"allow"},
                    {"subjects":\(subjects),"topics":["\(denied)"],"actions":"*","effect":"deny"}
                ]},"roles":{"group_permissions":{},"scope_permissions":{"mqtt":["subscribe","read"]}}}}
                """
            )
        )
    }
}
