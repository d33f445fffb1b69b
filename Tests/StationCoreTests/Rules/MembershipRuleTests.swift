import StationCore
import Testing

@Suite("Who may change whose role in a place")
struct MembershipRuleTests {
    private typealias Pair = (PlaceRole, PlaceRole)

    @Test("Nobody is made owner; the owner adds admins and viewers, an admin viewers, a viewer nobody")
    func adding() {
        let allowed: [Pair] = [(.owner, .admin), (.owner, .viewer), (.admin, .viewer)]
        self.expect(allowed) { MembershipRule(actor: $0).reasonNotToAdd($1) }
    }

    @Test("Only the owner changes roles, never to owner, and never the owner's")
    func changing() {
        for old in PlaceRole.allCases {
            let allowed: [Pair] = old == .owner ? [] : [(.owner, .admin), (.owner, .viewer)]
            self.expect(allowed) { MembershipRule(actor: $0).reasonNotToChange(from: old, to: $1) }
        }
    }

    @Test("The owner removes admins and viewers, an admin viewers, a viewer nobody")
    func removing() {
        let allowed: [Pair] = [(.owner, .admin), (.owner, .viewer), (.admin, .viewer)]
        self.expect(allowed) { MembershipRule(actor: $0).reasonNotToRemove($1, isOneself: false) }
    }

    @Test("Everybody but the owner may leave")
    func leaving() {
        for role in PlaceRole.allCases {
            let reason = MembershipRule(actor: role).reasonNotToRemove(role, isOneself: true)
            #expect((reason == nil) == (role != .owner))
        }
    }

    /// Everything else must be refused, with a sentence.
    private func expect(_ allowed: [Pair], _ rule: (PlaceRole, PlaceRole) -> String?) {
        for actor in PlaceRole.allCases {
            for role in PlaceRole.allCases {
                let reason = rule(actor, role)
                #expect((reason == nil) == allowed.contains { $0 == (actor, role) }, "\(actor), \(role)")
                #expect(reason?.hasSuffix(".") ?? true)
            }
        }
    }
}
