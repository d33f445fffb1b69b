import StationCore
import StationTestSupport
import Testing

@Suite("Rights at the broker, under chance")
struct BrokerRightsFuzzTests {
    private static let pieces = [
        "a", "b", "", "/", "/", "/", "+", "#", "$", "$share/", "$SYS", "g", "\0", "é", "\u{301}", "\u{338}", "😀", "{",
        "}", "*", "?",
        " ", "\r\n", "station/", "device/", "d1", "command", "placebrain/",
    ]

    private func text(_ random: inout RepeatableRandom) -> String {
        (0..<Int.random(in: 0...12, using: &random)).map { _ in random.pick(Self.pieces) }.joined()
    }

    private func rules(_ random: inout RepeatableRandom) -> [BrokerRights.Rule] {
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
            let actions = BrokerAction.allCases.filter { _ in random.once(in: 2) }
            return BrokerRights.Rule(random.pick(TopicModel.whole.filters), Set(actions))
        }
    }

    private func rights(_ random: inout RepeatableRandom) -> BrokerRights {
        BrokerRights(
            allowed: self.rules(&random), denied: random.once(in: 2) ? self.rules(&random) : [],
            isSuperuser: random.once(in: 20)
        )
    }

    /// Whether one of some rules for an action matches a topic, by MQTT's own words.
    private func matches(_ rules: [BrokerRights.Rule], _ action: BrokerAction, _ topic: String) -> Bool {
        rules.contains { $0.actions.contains(action) && NaiveTopics.matches($0.topic.description, topic) }
    }

    @Test("any text is a filter, a topic or neither as MQTT says, and whoever may nothing is denied it")
    func anyText() {
        var random = RepeatableRandom(seed: 31)
        var wrong: [String] = []
        var valid = 0
        for _ in 0..<20_000 {
            let text = self.text(&random)
            let isTopic = NaiveTopics.isTopic(text)
            var isRight = (TopicFilter(text) != nil) == NaiveTopics.isFilter(text)
            isRight = isRight && TopicFilter.isTopic(text) == isTopic
            if !text.utf8.starts(with: "$share/".utf8) {
                isRight = isRight && TopicFilter(subscribing: text) == TopicFilter(text)
            }
            for action in BrokerAction.allCases {
                let isValid = action == .subscribe ? TopicFilter(subscribing: text) != nil : isTopic
                let reason = isValid ? "not allowed" : "invalid topic"
                isRight = isRight && BrokerRights.nothing.decide(action, text) == .denied(reason)
                isRight = isRight && BrokerRights.everything.decide(action, text).isAllowed == isValid
            }
            if !isRight { wrong.append(text) }
            if isTopic { valid += 1 }
        }
        #expect(wrong.isEmpty)
        #expect(valid > 1000)
    }

    @Test("any bytes in place of a topic are answered")
    func anyBytes() throws {
        let device = BrokerRights.device(try #require(ExternalID("d1")))
        var random = RepeatableRandom(seed: 32)
        var allowed = 0
        for _ in 0..<5000 {
            let text = String(decoding: random.bytes(Int.random(in: 0...40, using: &random)), as: UTF8.self)
            for action in BrokerAction.allCases where device.decide(action, text).isAllowed { allowed += 1 }
        }
        #expect(allowed == 0)
    }

    @Test("a topic is allowed exactly when an allowed rule matches it and no denied one does")
    func topics() {
        var random = RepeatableRandom(seed: 33)
        var wrong: [String] = []
        var allowed = 0
        for _ in 0..<5000 {
            let rights = self.rights(&random)
            for _ in 0..<4 {
                let topic = random.pick(TopicModel.whole.topics)
                let action = random.pick([BrokerAction.publish, .read])
                let isExpected =
                    rights.isSuperuser
                    || self.matches(rights.allowed, action, topic) && !self.matches(rights.denied, action, topic)
                if rights.decide(action, topic).isAllowed != isExpected { wrong.append("\(action) \(topic) \(rights)") }
                if isExpected { allowed += 1 }
            }
        }
        #expect(wrong.isEmpty)
        #expect(allowed > 1000)
    }

    @Test("a subscription that is allowed reaches no topic that no allowed rule matches or that a denied one does")
    func subscriptions() {
        var random = RepeatableRandom(seed: 34)
        var wrong: [String] = []
        var allowed = 0
        for _ in 0..<2000 {
            var rights = self.rights(&random)
            rights.isSuperuser = false
            let filter = random.pick(TopicModel.whole.filters).description
            let decision = rights.decide(.subscribe, filter)
            if rights.decide(.subscribe, "$share/g/\(filter)") != decision { wrong.append("$share/g/\(filter)") }
            guard decision.isAllowed else { continue }
            allowed += 1
            for topic in TopicModel.whole.topics where NaiveTopics.matches(filter, topic) {
                if !self.matches(rights.allowed, .subscribe, topic) || self.matches(rights.denied, .subscribe, topic) {
                    wrong.append("\(filter) \(topic) \(rights)")
                }
            }
        }
        #expect(wrong.isEmpty)
        #expect(allowed > 50)
    }

    @Test("an order of rules is as good as any other, and one more denied rule allows nothing more")
    func monotony() {
        var random = RepeatableRandom(seed: 35)
        var wrong: [String] = []
        for _ in 0..<3000 {
            let rights = self.rights(&random)
            let turned = BrokerRights(
                allowed: rights.allowed.reversed(), denied: rights.denied.reversed(), isSuperuser: rights.isSuperuser
            )
            var stricter = rights
            stricter.denied += self.rules(&random)
            let action = random.pick(BrokerAction.allCases)
            let topic = random.pick(TopicModel.whole.topics)
            let isAllowed = rights.decide(action, topic).isAllowed
            if turned.decide(action, topic).isAllowed != isAllowed { wrong.append("\(action) \(topic) \(rights)") }
            if stricter.decide(action, topic).isAllowed, !isAllowed { wrong.append("\(action) \(topic) \(stricter)") }
        }
        #expect(wrong.isEmpty)
    }
}
