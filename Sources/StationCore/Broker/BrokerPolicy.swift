/// What the subjects of tokens may do at a broker: the rules of `mqtt-policy.json` (contract 6, "Policy rules").
public struct BrokerPolicy: Sendable, Hashable {
    /// Gives nobody anything.
    public static let empty = BrokerPolicy(rules: [], groupPermissions: [:], scopePermissions: [:])
    /// Of rules in one policy.
    public static let maximumRules = 1000
    /// Of every other list, and of names in one object.
    public static let maximumValues = 1000

    let rules: [BrokerPolicyRule]
    let groupPermissions: [String: Set<BrokerPermission>]
    let scopePermissions: [String: Set<BrokerPermission>]

    /// What a subject may do: what its groups and scopes permit, where a rule allows it and none denies it.
    public func rights(of subject: TokenSubject) -> BrokerRights {
        let permissions = self.permissions(of: subject)
        let permitted = Set(permissions.compactMap(\.action))
        var rights = BrokerRights(isSuperuser: permissions.contains(.superuser))
        for rule in self.rules where rule.subjects.includes(subject) {
            switch rule.effect {
            case .allow:
                let actions = rule.actions.intersection(permitted)
                guard !actions.isEmpty else { continue }
                rights.allowed += rule.topics.map { BrokerRights.Rule($0, actions) }
            case .deny:
                rights.denied += rule.topics.map { BrokerRights.Rule($0, rule.actions) }
            }
        }
        return rights
    }

    private func permissions(of subject: TokenSubject) -> Set<BrokerPermission> {
        var permissions: Set<BrokerPermission> = []
        for group in subject.groups { permissions.formUnion(self.groupPermissions[group] ?? []) }
        for scope in subject.scopes { permissions.formUnion(self.scopePermissions[scope] ?? []) }
        return permissions
    }
}
