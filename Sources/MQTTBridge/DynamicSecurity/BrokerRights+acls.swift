import StationCore

extension BrokerRights {
    /// The same rights as the lines of a role (contract 6, "Local broker").
    ///
    /// A broker compares only one line at a time with a filter, so a denied topic cannot keep anybody from subscribing to
    /// more than that: therefore what must not be subscribed to is not delivered either.
    var acls: [BrokerACL] {
        if self.isSuperuser { return Self.superuserACLs }
        var acls: [BrokerACL] = []
        for rule in self.denied {
            let topic = rule.topic.description
            if rule.actions.contains(.publish) { acls.append(.deny(.send, topic)) }
            if rule.actions.contains(.subscribe) { acls.append(.deny(.subscribe, topic)) }
            if !rule.actions.isDisjoint(with: [.read, .subscribe]) { acls.append(.deny(.receive, topic)) }
        }
        if self.allowed.contains(where: \.reachesTooFar) { acls += Self.fence }
        for rule in self.allowed {
            let topic = rule.topic.description
            if rule.actions.contains(.publish) { acls.append(.allow(.send, topic)) }
            if rule.actions.contains(.read) { acls.append(.allow(.receive, topic)) }
            if rule.actions.contains(.subscribe) { acls.append(.allow(.subscribe, topic)) }
        }
        var seen: Set<BrokerACL> = []
        return acls.filter { seen.insert($0).inserted }
    }

    /// What the plugin takes wildcards at the beginning to cover, and MQTT does not.
    private static let fence: [BrokerACL] =
        ["$SYS/#", "$CONTROL/#"].flatMap { [.deny(.send, $0), .deny(.receive, $0), .deny(.subscribe, $0)] }
        + [.deny(.subscribe, "$share/#")]
        // It takes `/#` to cover these.
        + ["#", "+/#"].map { .deny(.subscribeExactly, $0) }

    /// All that people and devices say, and nothing of the broker's own administration.
    private static let superuserACLs: [BrokerACL] =
        [.deny(.send, "$CONTROL/#"), .deny(.receive, "$CONTROL/#"), .deny(.subscribe, "$CONTROL/#")]
        + [.allow(.send, "#"), .allow(.receive, "#"), .allow(.subscribe, "#")]

    /// The agent itself: everything, and the administration.
    static let agentACLs: [BrokerACL] = ["$CONTROL/dynamic-security/#", "$SYS/#", "#"].flatMap { topic in
        [.allow(.send, topic), .allow(.receive, topic), .allow(.subscribe, topic)]
    }
}

extension BrokerRights.Rule {
    /// Whether the plugin would take it to cover topics of the broker's own.
    fileprivate var reachesTooFar: Bool {
        let first = self.topic.description.prefix { $0 != "/" }
        return first.isEmpty || first == "+" || first == "#"
    }
}
