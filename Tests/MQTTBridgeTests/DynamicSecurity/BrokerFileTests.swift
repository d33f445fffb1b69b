import Foundation
import MQTTBridge
import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The broker's file of logins", .timeLimit(.minutes(5)))
struct BrokerFileTests {
    private static let agent = try? PasswordVerifier(of: EnforcedStation.agentPassword)

    private static func file(
        of hub: StationHub, _ access: BridgeConfiguration.Access = .init()
    ) async throws
        -> DynamicSecurityFile
    {
        try await DynamicSecurityFile(of: hub, access: access, agent: try #require(self.agent))
    }

    @Test("Made of the store alone, it lets every device in at once, under both names")
    func madeOfTheStore() async throws {
        let database = try StationDatabase.inMemory()
        let hub = try await StationHub.open(database: database)
        let (device, token) = try await hub.addDevice(
            NewDevice(name: "lamp", type: nil, externalID: ExternalID("lamp"))
        )
        let file = try await Self.file(of: hub)
        try await EnforcedStation.run(file, database: database) { station in
            let outcomes = try await [
                station.canConnect("lamp", token), station.canConnect("device:\(device.id)", token),
                station.canConnect("lamp", Secret("other")),
            ]
            #expect(outcomes == [true, true, false])
            #expect(station.fixture.metric("station_broker_commands_total") == 0)
        }
    }

    @Test("The agent's copy is what the broker should have, and follows every change")
    func copy() async throws {
        let written = Locked<[[UInt8]]>([])
        let agent = try #require(Self.agent)
        let seed = DynamicSecurityFile(access: .init(), agent: agent)
        try await EnforcedStation.run(
            seed,
            access: { access in
                access.copy = BrokerCopy(agent: agent, present: nil) { bytes in written.withLock { $0.append(bytes) } }
            }
        ) { station in
            _ = try await station.addDevice("lamp")
            let copy = try #require(written.value.last.flatMap { DynamicSecurityFile($0) })
            let wanted = try await Self.file(of: station.hub)
            #expect(copy == wanted)
            let broker = try #require(DynamicSecurityFile([UInt8](Data(contentsOf: station.securityFile))))
            #expect(broker.isEquivalent(to: copy))
            let count = written.value.count
            await station.fixture.bridge.logins.settle()
            #expect(written.value.count == count)
        }
    }

    @Test("A device whose login the broker has lost is named, locked out, and back after a start with the copy")
    func stranded() async throws {
        let database = try StationDatabase.inMemory()
        let hub = try await StationHub.open(database: database)
        let (_, token) = try await hub.addDevice(NewDevice(name: "lamp", type: nil, externalID: ExternalID("lamp")))
        try await hub.forgetPasswords(of: try await hub.brokerLogins())
        try await EnforcedStation.run(database: database) { station in
            #expect(station.condition.contains("lamp cannot log in until the broker is restarted"))
            #expect(station.fixture.health[.mqtt]?.status == .degraded)
            let before = try await station.canConnect("lamp", token)
            #expect(!before)
            await station.broker.stop()
            let copy = try await Self.file(of: station.hub)
            try Data(copy.bytes).write(to: station.securityFile)
            try await station.broker.start()
            try await eventually("all is well") { station.fixture.health[.mqtt]?.status == .ok }
            let after = try await station.canConnect("lamp", token)
            #expect(after)
        }
    }

    @Test("An old token that cannot be replaced is shut out all the same")
    func locked() async throws {
        let database = try StationDatabase.inMemory()
        try await EnforcedStation.run(database: database) { station in
            let old = try await station.addDevice("lamp")
            await station.broker.stop()
            _ = try await station.hub.renewToken(of: station.id("lamp"))
            try await station.hub.forgetPasswords(of: try await station.hub.brokerLogins())
            try await station.broker.start()
            try await eventually("the lamp is named") { station.condition.contains("lamp cannot log in") }
            let isIn = try await station.canConnect("lamp", old)
            #expect(!isIn)
        }
    }

    @Test("A torn or empty file is no file; one that others have added to keeps what they added")
    func merging() async throws {
        let agent = try #require(Self.agent)
        let whole = DynamicSecurityFile(access: .init(), agent: agent)
        let bytes = whole.bytes
        let torn = [
            [], Array("{}".utf8), Array("null".utf8), Array(bytes.prefix(bytes.count / 2)), Array(bytes.dropLast(3)),
        ]
        #expect(torn.allSatisfy { DynamicSecurityFile($0) == nil })
        let text = String(decoding: bytes, as: UTF8.self)
        let added = text.replacingOccurrences(
            of: #""clients":["#, with: #""clients":[{"username":"homeassistant","password":"x","salt":"y"},"#
        ).replacingOccurrences(
            of: #""roles":[{"rolename""#, with: #""roles":[{"rolename":"theirs","acls":[]},{"rolename""#)
        let theirs = try #require(DynamicSecurityFile(Array(added.utf8)))
        let merged = whole.adding(foreignPartsOf: theirs)
        let result = String(decoding: merged.bytes, as: UTF8.self)
        #expect(result.contains("homeassistant") && result.contains("theirs"))
        #expect(!merged.isEquivalent(to: whole) && merged.isEquivalent(to: whole.adding(foreignPartsOf: merged)))
        #expect(whole.isEquivalent(to: whole) && whole.agentVerifier == agent)
    }
}
