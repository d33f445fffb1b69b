import StationCore
import StationTestSupport
import Testing

@testable import MQTTBridge

@Suite("Rights as the lines of a role")
struct RightsProjectionTests {
    private static let levels = ["a", "b", "", "$SYS", "$CONTROL", "+", "#"]
    private static let topics = Self.texts(of: ["a", "b", "", "$SYS", "$CONTROL"]).filter(TopicFilter.isTopic)
    private static let filters = Self.texts(of: Self.levels).filter { TopicFilter($0) != nil }

    private static func texts(of levels: [String]) -> [String] {
        let one = levels
        let two = one.flatMap { head in levels.map { "\(head)/\($0)" } }
        return one + two + two.flatMap { head in levels.map { "\(head)/\($0)" } }
    }

    /// The same in every run.
    private static func rights(_ random: inout RepeatableRandom) -> BrokerRights {
        var rules: [[BrokerRights.Rule]] = [[], []]
        for index in rules.indices {
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                guard let filter = Self.filters.randomElement(using: &random).flatMap({ TopicFilter($0) }) else {
                    continue
                }
                let actions = BrokerAction.allCases.filter { _ in Bool.random(using: &random) }
                rules[index].append(BrokerRights.Rule(filter, Set(actions)))
            }
        }
        return BrokerRights(allowed: rules[0], denied: rules[1])
    }

    @Test("A broker never lets through what the decision denies")
    func sound() {
        var random = RepeatableRandom(seed: 6)
        var allowed = 0
        for _ in 0..<300 {
            let rights = Self.rights(&random)
            let model = PluginModel(rights.acls)
            for topic in Self.topics {
                if model.maySend(topic) {
                    allowed += 1
                    #expect(rights.decide(.publish, topic).isAllowed, "\(rights) publishes \(topic)")
                }
                if model.mayReceive(topic) {
                    #expect(rights.decide(.read, topic).isAllowed, "\(rights) reads \(topic)")
                }
            }
            for filter in Self.filters where model.maySubscribe(filter) {
                // A broker compares a denial only with what lies within it; then nothing denied is delivered.
                let decision = rights.decide(.subscribe, filter)
                let isGuarded = Self.topics.filter { TopicFilter(filter)?.matches($0) ?? false }
                    .allSatisfy { topic in
                        !rights.denied.contains { $0.actions.contains(.subscribe) && $0.topic.matches(topic) }
                            || !model.mayReceive(topic)
                    }
                let isContained = rights.allowed.contains { rule in
                    rule.actions.contains(.subscribe) && TopicFilter(filter).map(rule.topic.contains) ?? false
                }
                #expect(decision.isAllowed || (isContained && isGuarded), "\(rights) subscribes to \(filter)")
            }
        }
        #expect(allowed > 300)
    }

    @Test(
        "What people and devices are made for comes through",
        arguments: [
            BrokerRights.everyPlace, .legacyDevices, .device(ExternalID("lamp") ?? Self.anyName), .everything,
        ])
    func complete(_ rights: BrokerRights) {
        let model = PluginModel(rights.acls)
        let topics = [
            "station/s/device/lamp/state", "station/s/device/lamp/command", "station/s/device/lamp/handshake/ack",
            "placebrain/p/devices/lamp/telemetry", "placebrain/p/devices/lamp/command", "placebrain/p/alerts", "other",
        ]
        for topic in topics {
            #expect(model.maySend(topic) == rights.decide(.publish, topic).isAllowed, "\(topic)")
            #expect(model.mayReceive(topic) == rights.decide(.read, topic).isAllowed, "\(topic)")
            #expect(model.maySubscribe(topic) == rights.decide(.subscribe, topic).isAllowed, "\(topic)")
        }
    }

    private static let anyName: ExternalID =
        ExternalID(DeviceID.make(at: Timestamp(milliseconds: 0)).description) ?? anyName

    @Test("A superuser at the broker has nothing of its administration")
    func superuser() {
        let model = PluginModel(BrokerRights.everything.acls)
        #expect(model.maySend("a/b") && model.mayReceive("$SYS/a") && model.maySubscribe("#"))
        #expect(!model.maySend("$CONTROL/dynamic-security/v1") && !model.mayReceive("$CONTROL/a"))
        #expect(!model.maySubscribe("$CONTROL/#"))
    }

    @Test(
        "Lines of Mosquitto's log are read, whatever else is in it",
        arguments: [
            (
                "1795677565: New connection from 192.0.2.7:55868 on port 1883.",
                BrokerLogLine.opened(peer: "192.0.2.7:55868")
            ),
            ("1: New connection from fe80::1:40000 on port 1883.", .opened(peer: "fe80::1:40000")),
            (
                "1795677565: New client connected from 192.0.2.7:55880 as lamp (p2, c1, k60, u'lamp').",
                .connected(peer: "192.0.2.7:55880", client: "lamp")
            ),
            ("1795677565: Client <unknown> disconnected, not authorised.", .refused),
            ("1795677565: Client lamp closed its connection.", nil), ("", nil), ("no time", nil), (": ", nil),
        ])
    func logLines(_ text: String, _ expected: BrokerLogLine?) {
        #expect(BrokerLogLine(text) == expected)
    }

    @Test("The address of a peer is what stands before the port")
    func addresses() {
        let addresses = ["192.0.2.7:1", "fe80::1:1", "[fe80::1]:1", "none"].map(BrokerLogLine.address)
        #expect(addresses == ["192.0.2.7", "fe80::1", "fe80::1", "none"])
    }
}
