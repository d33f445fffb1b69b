import StationCore

/// One line of a role in Mosquitto's dynamic-security plugin.
///
/// Within a role the line of the highest priority that fits decides, and among equals the first.
struct BrokerACL: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable {
        /// A client publishes.
        case send = "publishClientSend"
        /// A message is about to be delivered to a client.
        case receive = "publishClientReceive"
        /// A filter that is contained in the topic, wildcards and all.
        case subscribe = "subscribePattern"
        /// A filter that is exactly the topic.
        case subscribeExactly = "subscribeLiteral"
    }

    /// Of denials, so that they go before what is allowed.
    static let denialPriority: Int64 = 1000

    let kind: Kind
    let topic: String
    let priority: Int64
    let isAllowed: Bool

    static func allow(_ kind: Kind, _ topic: String) -> BrokerACL {
        BrokerACL(kind: kind, topic: topic, priority: 0, isAllowed: true)
    }

    static func deny(_ kind: Kind, _ topic: String) -> BrokerACL {
        BrokerACL(kind: kind, topic: topic, priority: Self.denialPriority, isAllowed: false)
    }

    private init(kind: Kind, topic: String, priority: Int64, isAllowed: Bool) {
        self.kind = kind
        self.topic = topic
        self.priority = priority
        self.isAllowed = isAllowed
    }

    /// As a broker lists it; `nil` for a kind that we never write.
    init?(json: JSONValue) {
        guard let kind = json["acltype"]?.stringValue.flatMap(Kind.init), let topic = json["topic"]?.stringValue,
            let isAllowed = json["allow"]?.boolValue
        else { return nil }
        var priority: Int64 = 0
        if case .integer(let number)? = json["priority"] { priority = number }
        self.init(kind: kind, topic: topic, priority: priority, isAllowed: isAllowed)
    }

    var json: JSONValue {
        [
            "acltype": .string(self.kind.rawValue), "topic": .string(self.topic), "priority": .integer(self.priority),
            "allow": .bool(self.isAllowed),
        ]
    }
}
