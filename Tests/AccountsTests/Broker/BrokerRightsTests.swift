import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("What the clients of a broker that asks may do")
struct BrokerRightsTests {
    private typealias Fixture = BrokerFixture

    private static func decide(
        _ station: BrokerFixture, _ caller: BrokerCaller, _ action: BrokerAction, _ topic: String
    ) async -> Bool {
        await station.authority.decide([action], on: topic, for: caller).isAllowed
    }

    @Test("A device may use its own topics and no others, and nothing once it is removed")
    func device() async throws {
        let station = try await Fixture()
        let (device, token) = try await station.addDevice("lamp")
        _ = try await station.addDevice("door")
        let caller = Fixture.caller("device:\(device.id)", token, client: "device:\(device.id)")
        let refusal = await station.refusal(caller)
        #expect(refusal == nil)
        let questions: [(BrokerAction, String, Bool)] = [
            (.publish, "station/s1/device/lamp/state", true), (.read, "station/s1/device/lamp/command", true),
            (.subscribe, "station/+/device/lamp/command", true),
            (.subscribe, "placebrain/+/devices/lamp/command", true),
            (.publish, "station/s1/device/lamp/command", false), (.subscribe, "station/+/device/+/command", false),
            (.publish, "station/s1/device/door/state", false), (.read, "station/s1/device/door/command", false),
            (.subscribe, "#", false),
        ]
        for (action, topic, isAllowed) in questions {
            let decision = await Self.decide(station, caller, action, topic)
            #expect(decision == isAllowed, "\(action) \(topic)")
        }
        try await station.hub.removeDevice(device.id)
        for (action, topic, _) in questions {
            let decision = await Self.decide(station, caller, action, topic)
            #expect(!decision, "\(action) \(topic)")
        }
    }

    @Test("A member sees what is under the places that it belongs to, from the moment that it does until it does not")
    func membership() async throws {
        let station = try await Fixture()
        let owner = try await station.addUser("owner@example.com", .firstOwner)
        let user = try await station.addUser("anna@example.com", .open)
        let place = try await station.hub.addPlace(name: "Flat", owner: owner.id)
        _ = try await station.addDevice("lamp", place: place.id)
        let caller = try await station.connect(user)
        let topic = "station/s1/device/lamp/state"
        let stranger = await station.mayRead(topic, caller)
        try await station.hub.addMember(email: "anna@example.com", role: .viewer, to: place.id, by: .owner)
        let member = await station.mayRead(topic, caller)
        let subscription = await Self.decide(station, caller, .subscribe, "placebrain/\(place.id)/#")
        let publication = await Self.decide(station, caller, .publish, topic)
        try await station.hub.removeMember(user.id, from: place.id, by: owner.id, as: .owner)
        let gone = await station.mayRead(topic, caller)
        #expect(!stranger && member && subscription && !publication && !gone)
    }

    @Test("The short way of judging people comes to the same as all of their rights")
    func shortWay() async throws {
        let station = try await Fixture()
        let owner = try await station.addUser("owner@example.com", .firstOwner)
        let other = try await station.addUser("anna@example.com", .open)
        let member = try await station.addUser("bob@example.com")
        let home = try await station.hub.addPlace(name: "Home", owner: other.id)
        let away = try await station.hub.addPlace(name: "Away", owner: owner.id)
        let (lamp, _) = try await station.addDevice("lamp", place: home.id)
        _ = try await station.addDevice("door", place: away.id)
        _ = try await station.addDevice("default")
        let topics = Self.topics(
            places: [home.id, away.id, station.hub.defaultPlaceID].map(\.description)
                + [home.id.description.uppercased(), "+", "x"],
            devices: ["lamp", "door", "default", lamp.id.description, "+", "LAMP", "x"]
        )
        for user in [owner, other, member] {
            let caller = try await station.connect(user)
            let rights = station.hub.brokerRights(of: user.id)
            await Self.compare(station, caller, rights, topics)
        }
    }

    private static func topics(places: [String], devices: [String]) -> [String] {
        let ofPlaces = places.flatMap { place in
            ["", "/", "/#", "/+", "/devices/lamp/telemetry", "/devices/door/telemetry"].map {
                "placebrain/\(place)\($0)"
            }
        }
        let ofDevices = devices.flatMap { device in
            ["", "/#", "/state", "/command", "/+", "/a/b/c"].map { "station/s1/device/\(device)\($0)" }
                + ["station/+/device/\(device)/#", "station/#/device/\(device)", "x/s1/device/\(device)/state"]
        }
        let topics =
            ofPlaces + ofDevices + ["", "#", "+/#", "placebrain/#", "station/#", "/", "//", "$SYS/x", "a\u{0}"]
        return topics + topics.map { "$share/g/\($0)" } + ["$share/\(topics[0])", "$share//x", "$share/g"]
    }

    private static func compare(
        _ station: BrokerFixture, _ caller: BrokerCaller, _ rights: BrokerRights, _ topics: [String]
    ) async {
        for topic in topics {
            for action in BrokerAction.allCases {
                let decision = await station.authority.decide([action], on: topic, for: caller)
                #expect(decision == rights.decide(action, topic), "\(action) \(topic)")
            }
        }
    }

    @Test("A login that was minted for an issuer's subject may do what the policy says")
    func mintedForSubject() async throws {
        let station = try await Fixture()
        try station.setPolicy(superusers: "admins")
        let holder = try await station.authority.holder(of: try station.token())
        let (credential, password) = try await station.mint(holder.owner)
        let caller = Fixture.caller(credential.username, password, client: credential.username)
        let admission = try await station.authority.admit(caller)
        #expect(admission.isSuperuser)
        try station.setPolicy()
        let allowed = await station.mayRead("celine/x", caller)
        let denied = await station.mayRead("station/s1/device/lamp/state", caller)
        #expect(allowed && !denied)
    }

    @Test("The agent may do everything that is valid")
    func agent() async throws {
        let station = try await Fixture()
        let caller = Fixture.caller("station-agent", Fixture.agent.password, client: "station-agent")
        _ = try await station.authority.admit(caller)
        for topic in ["#", "$SYS/#", "$CONTROL/dynamic-security/v1/response"] {
            let decision = await Self.decide(station, caller, .subscribe, topic)
            #expect(decision, "\(topic)")
        }
        let publication = await Self.decide(station, caller, .publish, "$CONTROL/dynamic-security/v1")
        let invalid = await Self.decide(station, caller, .publish, "a/#")
        #expect(publication && !invalid)
    }
}
