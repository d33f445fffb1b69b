/// What the `roles` of a policy give to a group or a scope (contract 6, "Policy rules").
enum BrokerPermission: String, Sendable, Hashable, CaseIterable {
    case subscribe, read, publish, superuser

    /// `nil` for `superuser`, which is more than an action.
    var action: BrokerAction? { BrokerAction(rawValue: self.rawValue) }
}
