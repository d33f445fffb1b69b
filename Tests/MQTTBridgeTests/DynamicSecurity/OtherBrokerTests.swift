import Foundation
import MQTTBridge
import MQTTTransport
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Brokers that are not only the station's", .timeLimit(.minutes(5)))
struct OtherBrokerTests {
    @Test("Where no dynamic security is offered, health says so, devices work, and no password is kept")
    func notOffered() async throws {
        var setup = BridgeFixture.Setup()
        setup.answerDeadline = .seconds(2)
        try await BridgeFixture.run(setup) { fixture in
            try await fixture.addDevice("lamp")
            try await eventually("health says whose business it is") {
                fixture.health[.mqtt]?.detail.contains("the broker itself decides") ?? false
            }
            #expect(fixture.health[.mqtt]?.status == .ok)
            try await eventually("the password is forgotten") {
                try await fixture.hub.brokerLogins().allSatisfy { $0.password == nil }
            }
            let lamp = try await fixture.play("lamp")
            try await lamp.shakeHands("{}")
        }
    }

    @Test("Clients, roles and groups of others stay as they are")
    func foreign() async throws {
        let agent = try PasswordVerifier(of: EnforcedStation.agentPassword)
        let theirs = try PasswordVerifier(of: Secret("their password"))
        let text = String(decoding: DynamicSecurityFile(access: .init(), agent: agent).bytes, as: UTF8.self)
        let client =
            #"{"username":"homeassistant","roles":[{"rolename":"theirs"}],"password":"\#(theirs.hashText)","#
            + #""salt":"\#(theirs.saltText)","iterations":101},"#
        let role =
            #"{"rolename":"theirs","acls":[{"acltype":"subscribePattern","topic":"home/#","allow":true}]},"#
        let added = text.replacingOccurrences(of: #""clients":["#, with: #""clients":[\#(client)"#)
            .replacingOccurrences(
                of: #""roles":[{"rolename":"station"#, with: #""roles":[\#(role){"rolename":"station"#)
        let file = try #require(DynamicSecurityFile(Array(added.utf8)))
        try await EnforcedStation.run(file) { station in
            _ = try await station.addDevice("lamp")
            let other = try await station.connect("homeassistant", Secret("their password"), clientID: "any")
            let granted = try await other.granted(["home/a", "station/s-1/device/lamp/state"])
            #expect(granted == ["home/a"])
        }
    }

    @Test("A device takes its name back from a client that somebody else has made")
    func takenName() async throws {
        let agent = try PasswordVerifier(of: EnforcedStation.agentPassword)
        let text = String(decoding: DynamicSecurityFile(access: .init(), agent: agent).bytes, as: UTF8.self)
        let theirs = try PasswordVerifier(of: Secret("theirs"))
        let client =
            #"{"username":"lamp","roles":[{"rolename":"station-agent"}],"password":"\#(theirs.hashText)","#
            + #""salt":"\#(theirs.saltText)","iterations":101},"#
        let added = text.replacingOccurrences(of: #""clients":["#, with: #""clients":[\#(client)"#)
        let file = try #require(DynamicSecurityFile(Array(added.utf8)))
        try await EnforcedStation.run(file) { station in
            let token = try await station.addDevice("lamp")
            let outcomes = try await [
                station.canConnect("lamp", Secret("theirs"), clientID: "any"), station.canConnect("lamp", token),
            ]
            #expect(outcomes == [false, true])
            let lamp = try await station.connect("lamp", token)
            let all = try await lamp.maySubscribe(to: "#")
            #expect(!all)
        }
    }

    @Test("Old firmware without credentials gets in where that is switched on: to devices' topics only, and loudly")
    func legacy() async throws {
        try await EnforcedStation.run(allowAnonymous: true, access: { $0.allowsLegacyDevices = true }) { station in
            try await eventually("health is loud") { station.condition.contains("MQTT_LEGACY_DEVICES") }
            #expect(station.fixture.health[.mqtt]?.status == .degraded)
            let witness = try await station.witness("#")
            let old = try await station.connect(nil, nil, clientID: "old")
            let granted = try await old.granted([
                "station/s-1/device/old/command", "placebrain/+/devices/+/command", "#", "$SYS/#", "station/#",
            ])
            #expect(granted == ["station/s-1/device/old/command"])
            try await old.publishAll([
                "other", "station/s-1/device/old/command", "$CONTROL/dynamic-security/v1",
                "station/s-1/device/old/state",
            ])
            try await eventually("what is allowed comes") { witness.topics.contains { $0.hasSuffix("old/state") } }
            #expect(witness.topics.filter { $0.contains("old") || $0 == "other" } == ["station/s-1/device/old/state"])
        }
    }

    @Test("Switched off again, nothing is left of it")
    func legacyOff() async throws {
        let legacy = Locked<DynamicSecurityFile?>(nil)
        let agent = try PasswordVerifier(of: EnforcedStation.agentPassword)
        var access = BridgeConfiguration.Access()
        access.allowsLegacyDevices = true
        let file = DynamicSecurityFile(access: access, agent: agent)
        legacy.withLock { $0 = file }
        try await EnforcedStation.run(file, allowAnonymous: true) { station in
            let old = try await station.connect(nil, nil, clientID: "old")
            let granted = try await old.granted(["station/s-1/device/old/command", "station/+/device/+/command"])
            #expect(granted == [])
        }
    }

    @Test("Health names who is refused again and again, and why")
    func refused() async throws {
        try await EnforcedStation.run { station in
            let old = try await station.addDevice("lamp")
            let lamp = try await station.connect("lamp", old)
            _ = try await station.hub.renewToken(of: station.id("lamp"))
            try await lamp.waitUntilCutOff()
            try await Self.tryAgain(station, "lamp", old)
            try await eventually("the lamp is named") {
                station.condition.contains("lamp (3 times; its token is not the present one")
            }
            #expect(station.fixture.health[.mqtt]?.status == .ok)
        }
    }

    @Test("Of somebody who was never let in, health tells where it comes from")
    func unknown() async throws {
        try await EnforcedStation.run { station in
            try await Self.tryAgain(station, nil, nil)
            try await eventually("the address is named") {
                station.condition.contains("127.0.0.1 (3 times; no credentials (old firmware)")
            }
        }
    }

    private static func tryAgain(_ station: EnforcedStation, _ name: String?, _ password: Secret?) async throws {
        for _ in 1...RefusedLogins.threshold {
            let isIn = try await station.canConnect(name, password)
            #expect(!isIn)
        }
    }
}
