/// One rule of a policy (contract 6, "Policy rules").
struct BrokerPolicyRule: Sendable, Hashable {
    enum Effect: String, Sendable, Hashable, CaseIterable {
        case allow, deny
    }

    let subjects: BrokerSubjectFilter
    let topics: [TopicFilter]
    let actions: Set<BrokerAction>
    let effect: Effect
}
