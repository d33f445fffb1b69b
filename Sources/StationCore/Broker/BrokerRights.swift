/// What one subject may do at a broker: the value on which both the answers over HTTP and the projection onto the local
/// broker are made (contract 6). What no rule allows is denied.
public struct BrokerRights: Sendable, Hashable {
    /// Some actions on the topics of one filter.
    public struct Rule: Sendable, Hashable {
        /// The topics that the rule is about.
        public let topic: TopicFilter
        /// What it allows or denies there.
        public let actions: Set<BrokerAction>

        /// A rule for some actions on some topics.
        public init(_ topic: TopicFilter, _ actions: Set<BrokerAction>) {
            self.topic = topic
            self.actions = actions
        }
    }

    /// What may be done.
    public var allowed: [Rule]
    /// What may not be done; wins over `allowed`, whatever the order.
    public var denied: [Rule]
    /// May do everything that is valid, whatever the rules: a broker that knows a superuser asks about no topic, so no
    /// other way may answer differently.
    public var isSuperuser: Bool

    /// Rights as listed; by default none.
    public init(allowed: [Rule] = [], denied: [Rule] = [], isSuperuser: Bool = false) {
        self.allowed = allowed
        self.denied = denied
        self.isSuperuser = isSuperuser
    }

    /// Decides about one action (contract 6, "Policy rules").
    ///
    /// - Parameter topic: A topic for `publish` and `read`; for `subscribe` a filter, also a shared one.
    public func decide(_ action: BrokerAction, _ topic: String) -> BrokerDecision {
        switch action {
        case .subscribe:
            guard let filter = TopicFilter(subscribing: topic) else { return .denied("invalid topic") }
            return self.decide(action, denies: { $0.overlaps(filter) }, allows: { $0.contains(filter) })
        case .read, .publish:
            guard TopicFilter.isTopic(topic) else { return .denied("invalid topic") }
            return self.decide(action, denies: { $0.matches(topic) }, allows: { $0.matches(topic) })
        }
    }

    /// Decides about a subscription at a broker that asks no more when it delivers: what a rule denies to be read must not
    /// be subscribed to either.
    public func decideSubscriptionWithDelivery(_ filter: String) -> BrokerDecision {
        let decision = self.decide(.subscribe, filter)
        guard decision.isAllowed, !self.isSuperuser, let subscribed = TopicFilter(subscribing: filter) else {
            return decision
        }
        return self.denial(of: .read) { $0.overlaps(subscribed) } ?? decision
    }

    private func decide(
        _ action: BrokerAction, denies: (TopicFilter) -> Bool, allows: (TopicFilter) -> Bool
    ) -> BrokerDecision {
        if self.isSuperuser { return .allowed }
        if let denial = self.denial(of: action, denies) { return denial }
        guard self.allowed.contains(where: { $0.actions.contains(action) && allows($0.topic) }) else {
            return .denied("not allowed")
        }
        return .allowed
    }

    private func denial(of action: BrokerAction, _ denies: (TopicFilter) -> Bool) -> BrokerDecision? {
        self.denied.first { $0.actions.contains(action) && denies($0.topic) }
            .map { .denied("denied by rule “\($0.topic)”") }
    }
}
