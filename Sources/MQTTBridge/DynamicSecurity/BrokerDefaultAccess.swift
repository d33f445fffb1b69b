import StationCore

/// What a broker allows where no role says anything.
struct BrokerDefaultAccess: Sendable, Hashable {
    var allowsSend: Bool
    var allowsReceive: Bool
    var allowsSubscribe: Bool
    var allowsUnsubscribe: Bool

    /// Nothing but to unsubscribe. Receiving is denied as well: the plugin's own default hands what was queued for one
    /// client to whoever takes over its client id (contract 6).
    static let closed = BrokerDefaultAccess(
        allowsSend: false, allowsReceive: false, allowsSubscribe: false, allowsUnsubscribe: true
    )

    private var members: [(String, Bool)] {
        [
            ("publishClientSend", self.allowsSend), ("publishClientReceive", self.allowsReceive),
            ("subscribe", self.allowsSubscribe), ("unsubscribe", self.allowsUnsubscribe),
        ]
    }

    /// As in a command or an answer.
    var listJSON: JSONValue {
        .array(self.members.map { ["acltype": .string($0.0), "allow": .bool($0.1)] })
    }

    /// As in the plugin's file.
    var fileJSON: JSONValue {
        var json = JSONObject()
        for (name, isAllowed) in self.members { json[name] = .bool(isAllowed) }
        return .object(json)
    }
}

extension BrokerDefaultAccess {
    /// Reads an answer; `nil` unless all four are there.
    init?(answer: JSONValue) {
        var found: [String: Bool] = [:]
        for line in answer["acls"]?.arrayValue ?? [] {
            guard let name = line["acltype"]?.stringValue, let isAllowed = line["allow"]?.boolValue else { return nil }
            found[name] = isAllowed
        }
        guard let send = found["publishClientSend"], let receive = found["publishClientReceive"],
            let subscribe = found["subscribe"], let unsubscribe = found["unsubscribe"]
        else { return nil }
        self.init(
            allowsSend: send, allowsReceive: receive, allowsSubscribe: subscribe, allowsUnsubscribe: unsubscribe
        )
    }
}
