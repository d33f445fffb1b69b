import StationCore
import StationTestSupport
import Testing

@Suite("A broker policy, under chance")
struct BrokerPolicyFuzzTests {
    private static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\"*\"", "null", "true", "7", "-1e9", "[]", "{}", "\"\"", "\"#\"",
        "\"a/#/b\"", "\"deny\"",
        "\"subjects\"", "\"topics\"", "\\u0000", "\u{301}", "$share/", "+", " ",
    ]
    private static let values: [JSONValue] = [
        .null, true, 7, "", "*", "#", "deny", [], [:], ["*"], ["a"], ["mqtt": [:]], [[]], "$share/g/a", .number(1.5),
    ]

    private func mutated(_ good: [UInt8], _ random: inout RepeatableRandom) -> [UInt8] {
        var bytes = good
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(contentsOf: random.pick(Self.tokens).utf8, at: place)
            default: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
            }
            if bytes.isEmpty { return bytes }
        }
        return bytes
    }

    /// Puts something else in one place of a value, or takes it away.
    private func mutated(_ value: JSONValue, _ random: inout RepeatableRandom) -> JSONValue {
        if random.once(in: 6) { return random.pick(Self.values) }
        switch value {
        case .array(var elements) where !elements.isEmpty:
            let index = Int.random(in: elements.indices, using: &random)
            elements[index] = self.mutated(elements[index], &random)
            return .array(elements)
        case .object(var object) where !object.isEmpty:
            let key = random.pick(object.members).key
            let isGone = random.once(in: 10)
            object[key] = isGone ? nil : object[key].map { self.mutated($0, &random) }
            if random.once(in: 20) { object["more"] = random.pick(Self.values) }
            return .object(object)
        default:
            return random.pick(Self.values)
        }
    }

    /// Whoever has no permission gets nothing, whatever became of the policy.
    private func isSafe(_ policy: BrokerPolicy) -> Bool {
        let rights = policy.rights(of: PolicyTexts.user(["stranger"], scopes: ["stranger"]))
        let known = policy.rights(of: PolicyTexts.user(["admins"], scopes: ["mqtt.read"]))
        return rights.allowed.isEmpty && !rights.isSuperuser
            && known.allowed.allSatisfy { TopicFilter($0.topic.description) == $0.topic && !$0.actions.isEmpty }
    }

    @Test("out of damaged bytes is refused by the reader of JSON, refused with a place, or sound")
    func bytes() {
        var random = RepeatableRandom(seed: 61)
        let good = Array(PolicyTexts.contract.utf8)
        var counts = (malformed: 0, faulty: 0, sound: 0)
        var wrong: [String] = []
        for _ in 0..<20_000 {
            let bytes = self.mutated(good, &random)
            do {
                let policy = try BrokerPolicy(json: JSONValue.parse(bytes))
                counts.sound += 1
                if !self.isSafe(policy) { wrong.append(String(decoding: bytes, as: UTF8.self)) }
            } catch let fault as PolicyFault {
                counts.faulty += 1
                if fault.message.isEmpty { wrong.append(String(decoding: bytes, as: UTF8.self)) }
            } catch {
                counts.malformed += 1
                if !(error is JSONError) { wrong.append("\(error)") }
            }
        }
        #expect(wrong.isEmpty)
        #expect(counts.malformed > 1000 && counts.faulty > 1000 && counts.sound > 100, "\(counts)")
    }

    @Test("out of damaged values is refused with a place, or sound")
    func values() throws {
        var random = RepeatableRandom(seed: 62)
        let good = try JSONValue.parse(PolicyTexts.contract)
        var counts = (faulty: 0, sound: 0)
        var wrong: [String] = []
        for _ in 0..<20_000 {
            let json = self.mutated(good, &random)
            do {
                let policy = try BrokerPolicy(json: json)
                counts.sound += 1
                if !self.isSafe(policy) { wrong.append("\(json)") }
            } catch {
                counts.faulty += 1
                if error.message.isEmpty || error.path.isEmpty == (json.objectValue != nil) { wrong.append("\(json)") }
            }
        }
        #expect(wrong.isEmpty)
        #expect(counts.faulty > 1000 && counts.sound > 100, "\(counts)")
    }
}
