extension BrokerPolicy {
    /// Reads a policy in the contract's form, also inside an outer object `celine`. Without `acl` it has no rules,
    /// without `roles` no permissions. Members that are not known are faults: a misspelt deny would deny nothing.
    ///
    /// - Throws: `PolicyFault` naming the place and what is allowed there.
    public init(json: JSONValue) throws(PolicyFault) {
        let file = try BrokerPolicyFields(json, at: "")
        let inner = try file.fields("celine")
        if inner != nil { try file.allowOnly(["celine"]) }
        let outer = inner ?? file
        try outer.allowOnly(["mqtt"])
        guard let mqtt = try outer.fields("mqtt") else {
            throw outer.fault("mqtt", "is missing; it must be an object with “acl” and “roles”")
        }
        try mqtt.allowOnly(["acl", "roles"])
        let acl = try mqtt.fields("acl")
        try acl?.allowOnly(["rules"])
        let roles = try mqtt.fields("roles")
        try roles?.allowOnly(["group_permissions", "scope_permissions"])
        self.init(
            rules: try Self.rules(acl),
            groupPermissions: try Self.permissions(roles?.fields("group_permissions")),
            scopePermissions: try Self.permissions(roles?.fields("scope_permissions"))
        )
    }

    private static func rules(_ acl: BrokerPolicyFields?) throws(PolicyFault) -> [BrokerPolicyRule] {
        var rules: [BrokerPolicyRule] = []
        for rule in try acl?.objects("rules", atMost: self.maximumRules) ?? [] {
            rules.append(try BrokerPolicyRule(rule))
        }
        return rules
    }

    private static func permissions(
        _ lists: BrokerPolicyFields?
    ) throws(PolicyFault) -> [String: Set<BrokerPermission>] {
        guard let lists else { return [:] }
        let allowed = BrokerPolicyFields.oneOf(BrokerPermission.self)
        var permissions: [String: Set<BrokerPermission>] = [:]
        for name in try lists.names() {
            permissions[name] = Set(try lists.list(name, allowed) { BrokerPermission(rawValue: $0) })
        }
        return permissions
    }
}

extension BrokerPolicyRule {
    private static let topicRule =
        "\(TopicFilter.rule), not beginning with “\(TopicFilter.sharedPrefix)” (subscriptions are judged without)"

    fileprivate init(_ fields: BrokerPolicyFields) throws(PolicyFault) {
        try fields.allowOnly(["subjects", "topics", "actions", "effect"])
        guard let subjects = try fields.fields("subjects") else {
            throw fields.fault("subjects", "is missing; it must be an object, {} for everybody")
        }
        self.init(
            subjects: try BrokerSubjectFilter(subjects),
            topics: try Self.topics(fields),
            actions: try Self.actions(fields),
            effect: try fields.choice("effect") ?? .allow
        )
    }

    private static func topics(_ fields: BrokerPolicyFields) throws(PolicyFault) -> [TopicFilter] {
        let topics = try fields.list("topics", self.topicRule) { text in
            text.utf8.starts(with: TopicFilter.sharedPrefix.utf8) ? nil : TopicFilter(text)
        }
        guard !topics.isEmpty else { throw fields.fault("topics", "is empty; it must name at least one topic filter") }
        return topics
    }

    private static func actions(_ fields: BrokerPolicyFields) throws(PolicyFault) -> Set<BrokerAction> {
        let allowed = BrokerPolicyFields.oneOf(BrokerAction.self)
        let actions = try fields.listUnlessAny("actions", allowed) { BrokerAction(rawValue: $0) }
        guard let actions else { return Set(BrokerAction.allCases) }
        guard !actions.isEmpty else {
            throw fields.fault("actions", "is empty; it must name at least \(allowed), or be the text “*”")
        }
        return Set(actions)
    }
}

extension BrokerSubjectFilter {
    fileprivate init(_ fields: BrokerPolicyFields) throws(PolicyFault) {
        try fields.allowOnly(["types", "ids", "groups", "scopes"])
        let allowedTypes = BrokerPolicyFields.oneOf(TokenSubject.Kind.self)
        self.init(
            types: try Self.names("types", fields, allowedTypes) { TokenSubject.Kind(rawValue: $0) }.map(Set.init),
            ids: try Self.names("ids", fields) { $0 }.map(Set.init),
            groups: try Self.names("groups", fields) { $0 }.map(Set.init),
            scopes: try Self.names("scopes", fields) { ScopePattern($0) }
        )
    }

    /// `nil` for anybody: the member is not there, or it is the text `*`.
    private static func names<Name>(
        _ key: String, _ fields: BrokerPolicyFields, _ rule: String = "a string", _ read: (String) -> Name?
    ) throws(PolicyFault) -> [Name]? {
        fields.has(key) ? try fields.listUnlessAny(key, rule, read) : nil
    }
}
