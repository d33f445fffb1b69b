import StationCore
import StationTestSupport

/// Texts that no cloud should send, the same in every run: every field of every message with every wrong kind of value,
/// and chance. The station has the owner `o` and the member `a`, both of the cloud.
///
/// Every text has an id of its own, `h-1`, `h-2` and so on, wherever the station can read one.
struct HostileCloudCases {
    typealias Field = (name: String, value: String)

    static let hash = #""$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e""#
    private static let owner: [Field] = [
        ("cloudUserId", #""o""#), ("email", #""owner@example.com""#), ("name", #""Olga""#), ("role", #""owner""#),
    ]
    private static let stranger: [Field] = [
        ("cloudUserId", #""x-1""#), ("email", #""x@example.com""#), ("name", #""X""#), ("role", #""member""#),
        ("stationPasswordHash", Self.hash),
    ]
    private static let methods = [
        "device.command", "devices.snapshot", "device_types.list", "station.setActiveChannels",
    ]
    private static let unknownMethods = [
        "no.such", "device.Command", "device.command ", "rpc.discover", "__proto__", "station.reset", "identity_sync",
        "toString", "../devices.snapshot", "devices.snapshot\\u0000", "💡", "constructor",
    ]
    private static let tornTexts = [
        "", " ", "{", "}", "[", "]", #"{"a":1,}"#, "[1,]", #"{"a"}"#, "nul", "NaN", "'x'", #"{a:1}"#, #"{"a":1}{"#,
        #"{"type":"identity_sync""#, #"{"type":"station_reset","type":"station_reset"}"#, "// x\n{}", "\u{feff}{}",
        #"{"id":1,"method":"devices.snapshot","id":2}"#, "\"\t\"", #""\x""#, "01", "+1", ".5", "1.", "1e", "-",
        String(repeating: "[", count: 65) + String(repeating: "]", count: 65), String(repeating: "[", count: 100_000),
        String(repeating: #"{"a":"#, count: 65) + "1" + String(repeating: "}", count: 65),
        #"{"type":"member_removed","cloudUserId":"a","cloudUserId":"a"}"#,
    ]

    /// Those that are JSON, with their values.
    private let values: [(text: String, value: JSONValue)]
    private let device: String
    private var random: RepeatableRandom
    private var lastNumber = 0

    /// - Parameter device: The id of a device of type `light`.
    init(device: String, seed: UInt64) {
        self.device = device
        self.random = RepeatableRandom(seed: seed)
        self.values = HostileJSON.values.compactMap { text in (try? JSONValue.parse(text)).map { (text, $0) } }
    }

    // MARK: Values

    private var everything: [String] { self.values.map(\.text) }
    private var strings: [String] { self.values.filter { $0.value.stringValue != nil }.map(\.text) }
    private var noStrings: [String] { self.values.filter { $0.value.stringValue == nil }.map(\.text) }
    private var noStringsOrNull: [String] { self.noStrings.filter { $0 != "null" } }
    private var containers: [String] {
        self.values.filter { $0.value.arrayValue != nil || $0.value.objectValue != nil }.map(\.text)
    }
    private var noIDs: [String] {
        self.noStrings + [#""""#, #""\u0000""#, #""a\nb""#, "\"\(String(repeating: "l", count: 129))\""]
    }
    private var noNames: [String] { self.noStringsOrNull + [#""""#, #"" ""#, #""\u0000\n""#] }

    private mutating func id() -> String {
        self.lastNumber += 1
        return "h-\(self.lastNumber)"
    }

    private static func object(_ fields: [Field]) -> String {
        "{" + fields.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    private static func replacing(_ name: String, by value: String?, in fields: [Field]) -> [Field] {
        let rest = fields.filter { $0.name != name }
        return rest + (value.map { [(name, $0)] } ?? [])
    }

    // MARK: Messages of old

    private mutating func legacy(_ type: String, _ fields: [Field]) -> HostileCloudCase {
        let id = self.id()
        let text = Self.object([("type", "\"\(type)\""), ("id", "\"\(id)\"")] + fields)
        return HostileCloudCase(text: text, answer: .refusal(of: id))
    }

    /// What is wrong in each field of a member who is told in full; `nil` leaves the field out.
    private var wrongMembers: [[Field]] {
        let wrong: [(String, [String?])] = [
            ("cloudUserId", self.noIDs + [nil]), ("email", self.noStrings + self.strings + [nil]),
            ("role", self.noStrings + self.strings + [nil]), ("name", self.noStringsOrNull),
            ("stationPasswordHash", self.noStringsOrNull + self.strings),
        ]
        return wrong.flatMap { name, values in
            values.map { Self.replacing(name, by: $0, in: Self.stranger) }
        }
    }

    private mutating func syncs() -> [HostileCloudCase] {
        let owner = Self.object(Self.owner)
        let good: Field = ("members", "[\(owner)]")
        var cases: [HostileCloudCase] = []
        for value in self.noNames { cases.append(self.legacy("identity_sync", [("stationName", value), good])) }
        let noOwners = self.noStringsOrNull + [#""""#, #""nobody""#]
        for value in noOwners { cases.append(self.legacy("identity_sync", [("ownerCloudUserId", value), good])) }
        for key in ["members", "users"] {
            for value in self.everything { cases.append(self.legacy("identity_sync", [(key, value)])) }
            for member in self.wrongMembers {
                let list = "[\(owner),\(Self.object(member))]"
                cases.append(self.legacy("identity_sync", [(key, list), ("ownerCloudUserId", #""o""#)]))
            }
        }
        let stranger = Self.object(Self.stranger)
        let king = Self.object(Self.replacing("role", by: #""owner""#, in: Self.stranger))
        let double = Self.object(Self.replacing("cloudUserId", by: #""x-2""#, in: Self.stranger))
        for list in ["[\(stranger)]", "[\(owner),\(king)]", "[\(owner),\(owner)]", "[\(owner),\(stranger),\(double)]"] {
            cases.append(self.legacy("identity_sync", [("members", list)]))
        }
        cases.append(self.legacy("identity_sync", []))
        return cases
    }

    private mutating func members() -> [HostileCloudCase] {
        var cases: [HostileCloudCase] = []
        for type in ["member_added", "member_updated"] {
            for value in self.everything { cases.append(self.legacy(type, [("member", value)])) }
            cases.append(self.legacy(type, []))
        }
        let king = Self.replacing("role", by: #""owner""#, in: Self.stranger)
        for member in self.wrongMembers + [king] {
            cases.append(self.legacy("member_added", member))
            cases.append(self.legacy("member_added", [("member", Self.object(member))]))
        }
        var updates: [[Field]] = self.noIDs.map { [("cloudUserId", $0)] } + [[("cloudUserId", #""nobody""#)]]
        let wrong = [
            ("email", self.noStringsOrNull + self.strings), ("name", self.noStringsOrNull),
            ("role", self.noStringsOrNull + self.strings + [#""owner""#]),
            ("stationPasswordHash", self.noStringsOrNull + self.strings),
        ]
        for (name, values) in wrong { updates += values.map { [("cloudUserId", #""a""#), (name, $0)] } }
        for update in updates {
            cases.append(self.legacy("member_updated", update))
            cases.append(self.legacy("member_updated", [("member", Self.object(update))]))
        }
        return cases
    }

    private mutating func otherMessages() -> [HostileCloudCase] {
        var cases: [HostileCloudCase] = []
        for value in self.noNames + ["null"] { cases.append(self.legacy("station_renamed", [("name", value)])) }
        for value in self.noIDs + [#""o""#] { cases.append(self.legacy("member_removed", [("cloudUserId", value)])) }
        for value in self.noIDs + [#""nobody""#] {
            let fields: [Field] = [("cloudUserId", value), ("stationPasswordHash", Self.hash)]
            cases.append(self.legacy("station_password_changed", fields))
        }
        for value in self.noStrings + self.strings {
            let fields: [Field] = [("cloudUserId", #""a""#), ("stationPasswordHash", value)]
            cases.append(self.legacy("station_password_changed", fields))
        }
        for type in ["station_renamed", "member_removed", "station_password_changed"] {
            cases.append(self.legacy(type, []))
        }
        return cases
    }

    // MARK: Calls

    private mutating func call(_ code: Int64, _ fields: [Field]) -> HostileCloudCase {
        let id = self.id()
        return HostileCloudCase(
            text: Self.object([("id", "\"\(id)\"")] + fields), answer: .error(code, to: id))
    }

    private mutating func call(_ code: Int64, _ method: String, params: String) -> HostileCloudCase {
        self.call(code, [("method", "\"\(method)\""), ("params", params)])
    }

    private mutating func calls() -> [HostileCloudCase] {
        let command: Field = ("command", #"{"action":"turn_on"}"#)
        let known: Field = ("deviceId", "\"\(self.device)\"")
        var cases: [HostileCloudCase] = []
        for value in self.noStrings {
            cases.append(self.call(-32602, "device.command", params: Self.object([("deviceId", value), command])))
        }
        for value in self.strings {
            cases.append(self.call(-32001, "device.command", params: Self.object([("deviceId", value), command])))
        }
        for value in self.everything {
            for wrong in [value, Self.object([("action", value)])] {
                cases.append(self.call(-32602, "device.command", params: Self.object([known, ("command", wrong)])))
            }
        }
        // No channel at all is a choice too.
        for value in self.everything where value != "[]" {
            let params = Self.object([("channels", value)])
            cases.append(self.call(-32602, "station.setActiveChannels", params: params))
            cases.append(
                self.call(-32602, "station.setActiveChannels", params: #"{"channels":["state",\#(value)]}"#))
        }
        let noLists = self.everything.filter { !["[]", #"["x","x"]"#].contains($0) }
        for value in noLists { cases.append(self.call(-32602, "ack", params: Self.object([("eventIds", value)]))) }
        for method in Self.methods {
            cases.append(self.call(-32602, method, params: #"["x",{"channels":["state"]}]"#))
        }
        for method in ["device.command", "station.setActiveChannels", "ack"] {
            for params in ["{}", "[]", "null"] { cases.append(self.call(-32602, method, params: params)) }
            cases.append(self.call(-32602, [("method", "\"\(method)\"")]))
        }
        return cases
    }

    private mutating func requests() -> [HostileCloudCase] {
        var cases: [HostileCloudCase] = []
        for method in self.noStrings { cases.append(self.call(-32600, [("method", method)])) }
        for method in self.strings where method != #""""# { cases.append(self.call(-32601, [("method", method)])) }
        for method in Self.unknownMethods { cases.append(self.call(-32601, [("method", "\"\(method)\"")])) }
        for value in self.everything {
            cases.append(self.call(-32600, [("method", #""devices.snapshot""#), ("jsonrpc", value)]))
        }
        for method in Self.methods {
            for params in self.values where params.value != .null && !self.containers.contains(params.text) {
                cases.append(self.call(-32600, method, params: params.text))
            }
        }
        for type in self.noStrings { cases.append(self.call(-32600, [("type", type)])) }
        for type in self.noStrings + [#""identity_sync""#] {
            cases.append(self.call(-32600, [("type", type), ("method", "null")]))
        }
        for id in self.containers + ["true"] {
            let text = Self.object([("id", id), ("method", #""devices.snapshot""#)])
            cases.append(HostileCloudCase(text: text, answer: .anonymous(-32600)))
        }
        return cases
    }

    // MARK: What is no message at all

    private static func torn(_ text: String) -> HostileCloudCase {
        HostileCloudCase(text: text, answer: .anonymous(-32700))
    }

    private func strays() -> [HostileCloudCase] {
        var texts = self.everything.flatMap { value in
            [#"{"id":\#(value),"result":\#(value)}"#, #"{"error":\#(value)}"#, #"{"id":"h","error":\#(value)}"#]
        }
        texts += Self.methods.map { #"{"method":"\#($0)","params":["x"]}"# }
        texts += ["error", "x", "", "IDENTITY_SYNC", "identity_sync ", "station_auth"].map { #"{"type":"\#($0)"}"# }
        return texts.map { HostileCloudCase(text: $0, answer: .nothing) }
    }

    /// What means something only before the token is accepted.
    func lateWords() -> [HostileCloudCase] {
        self.everything.flatMap { value in
            ["auth_ok", "claim_success", "claimed"].map { type in
                HostileCloudCase(text: #"{"type":"\#(type)","stationToken":\#(value)}"#, answer: .nothing)
            }
        }
    }

    /// What a cloud may say, once it has accepted the token.
    func good() -> [String] {
        let king = Self.object([
            ("cloudUserId", #""k""#), ("email", #""king@example.com""#), ("role", #""owner""#),
        ])
        let stranger = Self.object(Self.stranger)
        return [
            #"{"type":"identity_sync","stationName":"Taken","members":[\#(king),\#(stranger)]}"#,
            #"{"type":"station_renamed","name":"Taken"}"#, #"{"type":"member_added","member":\#(stranger)}"#,
            #"{"type":"member_removed","cloudUserId":"a"}"#,
            #"{"type":"station_password_changed","cloudUserId":"o","stationPasswordHash":\#(Self.hash)}"#,
            #"{"id":"g-1","method":"devices.snapshot"}"#, #"{"id":"g-2","method":"device_types.list"}"#,
            #"{"id":"g-3","method":"station.setActiveChannels","params":{"channels":[]}}"#,
            #"{"id":"g-4","method":"device.command","params":{"deviceId":"\#(self.device)","command":{"action":"turn_on"}}}"#,
            #"[{"id":"g-5","method":"devices.snapshot"},{"method":"ack","params":{"eventIds":["x"]}}]"#,
        ]
    }

    /// Everything with everything.
    mutating func systematic() -> [HostileCloudCase] {
        var cases = self.syncs() + self.members() + self.otherMessages() + self.calls() + self.requests()
        cases += self.strays() + Self.tornTexts.map(Self.torn)
        let unreadable = HostileJSON.values.filter { !self.everything.contains($0) }
        cases += unreadable.map { Self.torn(#"{"type":"station_renamed","name":\#($0)}"#) } + unreadable.map(Self.torn)
        cases += self.values.filter { $0.value.objectValue == nil && $0.value.arrayValue == nil }.map {
            HostileCloudCase(text: $0.text, answer: .anonymous(-32600))
        }
        cases.append(HostileCloudCase(text: "[]", answer: .anonymous(-32600)))
        cases.append(HostileCloudCase(text: "{}", answer: .anonymous(-32600)))
        return cases
    }

    /// As large as a message may be, or a little less.
    mutating func huge() -> [HostileCloudCase] {
        let long = String(repeating: "x", count: 1_000_000)
        let many = String(repeating: "0,", count: 500_000)
        let spaces = String(repeating: " ", count: 1_000_000)
        return [
            self.call(-32601, [("method", "\"\(long)\"")]),
            self.call(-32601, [("method", #""no.such""#), ("x", "[\(many)0]")]),
            self.call(-32602, "device.command", params: Self.object([("deviceId", "[\(many)0]")])),
            self.call(-32602, "station.setActiveChannels", params: #"{"channels":["\#(long)"]}"#),
            HostileCloudCase(text: "[\(many)0]", answer: .anonymous(-32600)),
            HostileCloudCase(text: "\"\(long)\"", answer: .anonymous(-32600)), Self.torn(long), Self.torn(spaces),
            Self.torn(String(repeating: "[", count: 1_000_000)),
            self.legacy("member_updated", [("cloudUserId", #""nobody""#), ("name", "\"\(long)\"")]),
            self.legacy("member_updated", [("cloudUserId", #""a""#), ("email", "\"\(long)@example.com\"")]),
            self.legacy("identity_sync", [("stationName", "\"\(long)\""), ("members", "[]")]),
            self.legacy("identity_sync", [("members", "[\(many)0]")]),
            self.legacy("member_removed", [("cloudUserId", "\"\(long)\"")]),
            self.legacy(
                "station_password_changed", [("cloudUserId", #""a""#), ("stationPasswordHash", "\"\(long)\"")]),
        ]
    }

    // MARK: Chance

    mutating func next() -> HostileCloudCase {
        switch Int.random(in: 0..<10, using: &self.random) {
        case 0...3: return self.broken()
        case 4...6: return self.batch()
        case 7: return self.call(-32601, [("method", "\"\(self.random.pick(Self.unknownMethods))\"")])
        case 8:
            let member = self.random.pick(self.wrongMembers)
            return self.legacy("member_added", [("member", Self.object(member.reversed()))])
        default:
            let noise = self.random.pick(self.noStrings)
            return self.call(-32602, "device.command", params: Self.object([("command", "{}"), ("deviceId", noise)]))
        }
    }

    /// No JSON: mutations that happen to be some are thrown away.
    private mutating func broken() -> HostileCloudCase {
        let good = Self.object([("type", #""member_updated""#), ("cloudUserId", #""nobody""#), ("name", #""N""#)])
        for _ in 0..<100 {
            let text = String(decoding: HostileJSON.text(&self.random, around: Array(good.utf8)), as: UTF8.self)
            if (try? JSONValue.parse(text)) == nil { return Self.torn(text) }
        }
        return Self.torn(#"{"type":"#)
    }

    private mutating func batch() -> HostileCloudCase {
        let id = self.id()
        var elements = [#"{"id":"\#(id)","method":"no.such"}"#]
        var codes: [Int64] = [-32601]
        for _ in 0..<Int.random(in: 0...12, using: &self.random) {
            switch Int.random(in: 0..<6, using: &self.random) {
            case 0:
                elements.append(self.random.pick(self.values.filter { $0.value.objectValue == nil }).text)
                codes.append(-32600)
            case 1:
                elements.append(#"{"type":"station_renamed","name":"Batch","id":"\#(id)"}"#)
                codes.append(-32600)
            case 2:
                elements.append(#"{"id":"\#(id)","method":"ack","params":{"eventIds":7}}"#)
                codes.append(-32602)
            case 3: elements.append(#"{"method":"no.such.news","params":{"channels":["x"]}}"#)
            case 4: elements.append(#"{"id":"\#(id)","result":1}"#)
            default:
                elements.append(#"{"id":"\#(id)","method":"devices.snapshot","params":1}"#)
                codes.append(-32600)
            }
        }
        return HostileCloudCase(text: "[\(elements.joined(separator: ","))]", answer: .batch(codes, to: id))
    }
}
