import Foundation
import MQTTBridge
import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Logins come and go while the broker runs", .timeLimit(.minutes(5)))
struct LoginLifeTests {
    @Test("A removed device is cut off, and nobody else is")
    func removal() async throws {
        try await EnforcedStation.run { station in
            let token = try await station.addDevice("lamp")
            let door = try await station.connect("door", station.addDevice("door"))
            let lamp = try await station.connect("lamp", token)
            let alias = try await station.connect("device:\(station.id("lamp"))", token)
            try await station.hub.removeDevice(station.id("lamp"))
            try await lamp.waitUntilCutOff()
            try await alias.waitUntilCutOff()
            await station.fixture.bridge.logins.settle()
            let again = try await station.canConnect("lamp", token)
            #expect(!again)
            let isThere = await door.isConnected
            #expect(isThere)
            let file = try String(contentsOf: station.securityFile, encoding: .utf8)
            #expect(!file.contains("lamp") && file.contains("door"))
        }
    }

    @Test("A new token ends the old one's connection and shows the device offline, revoked")
    func renewal() async throws {
        try await EnforcedStation.run { station in
            let old = try await station.addDevice("lamp")
            let id = try station.id("lamp")
            let lamp = try await station.connect("lamp", old)
            try await lamp.publish("station/s-1/device/lamp/heartbeat", #"{"status":"online"}"#)
            try await eventually("it is online") { station.hub.device(id)?.status == .online }
            let new = try await station.hub.renewToken(of: id)
            try await lamp.waitUntilCutOff()
            try await eventually("it is shown offline") { station.hub.device(id)?.status == .offline }
            #expect(station.hub.device(id)?.statusReason == .revoked)
            await station.fixture.bridge.logins.settle()
            let outcomes = try await [station.canConnect("lamp", old), station.canConnect("lamp", new)]
            #expect(outcomes == [false, true])
        }
    }

    @Test("What waited for a removed device is not handed to the next of that name")
    func queuedMessages() async throws {
        try await EnforcedStation.run { station in
            let old = try await station.addDevice("lamp")
            let topic = "station/\(BridgeFixture.station)/device/lamp/command"
            let lamp = try await station.connect("lamp", old, cleanSession: false)
            try await lamp.connection.subscribe([topic])
            await lamp.connection.close()
            let secret = #"{"action":"wifi_update","ssid":"a","password":"secret12"}"#
            try await station.fixture.send(secret, to: station.id("lamp"))
            try await station.hub.removeDevice(station.id("lamp"))
            let new = try await station.addDevice("lamp")
            let next = try await station.connect("lamp", new, cleanSession: false)
            try await next.connection.subscribe([topic])
            try await station.fixture.send(#"{"action":"reboot"}"#, to: station.id("lamp"))
            try await eventually("its own command comes") { next.texts.contains { $0.contains("reboot") } }
            #expect(next.texts.count == 1)
        }
    }

    @Test("A broker that comes back is compared again, and what changed meanwhile is carried over")
    func brokerAway() async throws {
        try await EnforcedStation.run { station in
            let removed = try await station.addDevice("removed")
            await station.broker.stop()
            try await station.hub.removeDevice(station.id("removed"))
            let (_, added) = try await station.hub.addDevice(
                NewDevice(name: "added", type: nil, externalID: ExternalID("added"))
            )
            try await station.broker.start()
            try await station.fixture.waitUntilConnected()
            try await station.waitUntilSettled()
            let outcomes = try await [station.canConnect("removed", removed), station.canConnect("added", added)]
            #expect(outcomes == [false, true])
        }
    }

    @Test("What a lost connection left unanswered says nothing of the next: what was made meanwhile is carried over")
    func unansweredBefore() async throws {
        try await EnforcedStation.run { station in
            station.broker.pause()
            let token = try await station.addDevice("lamp")
            await station.broker.kill()
            try await station.broker.start()
            try await station.fixture.waitUntilConnected()
            try await eventually("the lamp gets in") { try await station.canConnect("lamp", token) }
            try await station.waitUntilSettled()
            let lines = station.fixture.log.lines.map(\.message.description)
            #expect(!lines.contains { $0.contains("offers no dynamic security") })
        }
    }

    @Test("Once the broker knows a token, it stands nowhere in clear")
    func passwords() async throws {
        try await EnforcedStation.run { station in
            let token = try await station.addDevice("lamp")
            try await eventually("the store has forgotten it") {
                try await station.hub.brokerLogins().allSatisfy { $0.password == nil }
            }
            let file = try String(contentsOf: station.securityFile, encoding: .utf8)
            #expect(!file.contains(token.revealed))
            let lines = station.fixture.log.lines.map { "\($0.message) \($0.metadata)" }
            #expect(!lines.contains { $0.contains(token.revealed) })
        }
    }

    @Test("An agent that starts again with nothing changed sends no command, drops nobody and leaves the file alone")
    func nothingChanged() async throws {
        let database = try StationDatabase.inMemory()
        try await EnforcedStation.broker { broker in
            var setup = BridgeFixture.Setup()
            setup.database = database
            setup.username = DynamicSecurityFile.agentUsername
            setup.password = EnforcedStation.agentPassword
            let tokens = Locked<[Secret]>([])
            try await EnforcedStation.run(setup, broker) { station in
                let token = try await station.addDevice("lamp")
                tokens.withLock { $0 = [token] }
                _ = try await station.hub.addUser(
                    NewUser(
                        email: #require(EmailAddress("a@example.com")), name: "", passwordHash: "x",
                        admission: .firstOwner, isEmailVerified: true
                    )
                )
                let owner = try #require(station.hub.users.first)
                _ = try await station.hub.mintCredential(for: .user(owner.id), lifetime: .seconds(600))
                await station.fixture.bridge.logins.settle()
            }
            let before = try Self.lastWrite(of: broker)
            try await EnforcedStation.run(setup, broker) { station in
                let lamp = try await station.connect("lamp", tokens.value[0])
                await station.fixture.bridge.logins.settle()
                #expect(station.fixture.metric("station_broker_commands_total") == 0)
                let isThere = await lamp.isConnected
                #expect(isThere)
            }
            let after = try Self.lastWrite(of: broker)
            #expect(before == after)
        }
    }

    @Test("A hundred devices that come, are changed and go with clients connected leave the broker running")
    func endurance() async throws {
        try await EnforcedStation.run { station in
            let door = try await station.connect("door", station.addDevice("door"))
            try await Self.cycles(100, station)
            let isThere = await door.isConnected
            #expect(isThere && station.broker.isRunning)
            let file = try String(contentsOf: station.securityFile, encoding: .utf8)
            #expect(!file.contains("passing"))
        }
    }

    private static func lastWrite(of broker: BrokerProcess) throws -> Date? {
        let path = broker.directory.appending(path: "dynsec.json").path
        return try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    }

    private static func cycles(_ count: Int, _ station: EnforcedStation) async throws {
        for number in 0..<count {
            let name = "passing-\(number)"
            let token = try await station.addDevice(name)
            let client = try await station.connect(name, token)
            if number.isMultiple(of: 2) {
                _ = try await station.hub.renewToken(of: station.id(name))
                try await client.waitUntilCutOff()
            }
            try await station.hub.removeDevice(station.id(name))
            try await client.waitUntilCutOff()
        }
        await station.fixture.bridge.logins.settle()
    }
}
