import StationCore
import Testing

@Suite("Rights at the broker")
struct BrokerRightsTests {
    private func rule(_ topic: String, _ actions: BrokerAction...) throws -> BrokerRights.Rule {
        BrokerRights.Rule(try #require(TopicFilter(topic)), Set(actions))
    }

    @Test("allow an action where a rule allows it, and no other action there")
    func actions() throws {
        for action in BrokerAction.allCases {
            let rights = BrokerRights(allowed: [try self.rule("a/+", action)])
            for other in BrokerAction.allCases {
                #expect(rights.decide(other, "a/b") == (other == action ? .allowed : .denied("not allowed")))
                #expect(rights.decide(other, "a/b/c") == .denied("not allowed"))
            }
        }
        let nothing = BrokerRights(allowed: [try self.rule("a")])
        for action in BrokerAction.allCases { #expect(nothing.decide(action, "a") == .denied("not allowed")) }
    }

    @Test("do not put two rules together for one filter")
    func noUnion() throws {
        let rights = BrokerRights(allowed: [try self.rule("a", .subscribe), try self.rule("a/+/#", .subscribe)])
        #expect(rights.decide(.subscribe, "a").isAllowed)
        #expect(rights.decide(.subscribe, "a/+/#").isAllowed)
        #expect(rights.decide(.subscribe, "a/#") == .denied("not allowed"))
    }

    @Test("deny what a rule denies, however many allow it, naming the rule")
    func denyWins() throws {
        let rights = BrokerRights(
            allowed: [try self.rule("a/#", .publish, .read), try self.rule("a/secret", .publish, .read)],
            denied: [try self.rule("x/#", .publish), try self.rule("a/+", .publish)]
        )
        #expect(rights.decide(.publish, "a/secret") == .denied("denied by rule “a/+”"))
        #expect(rights.decide(.publish, "a/b/c").isAllowed)
        #expect(rights.decide(.read, "a/secret").isAllowed)
        #expect(!BrokerRights(denied: rights.denied).decide(.publish, "a/b/c").isAllowed)
    }

    @Test(
        "refuse a subscription that a denied filter overlaps, also a wider one or a shared one",
        arguments: [
            ("a/s", false), ("a/s/t", false), ("a/#", false), ("a/+", false), ("+/s", false), ("#", false),
            ("a/+/t", false),
            ("$share/g/a/#", false), ("$share/g/a/s", false), ("a/b", true), ("a/b/#", true), ("$share/g/a/b", true),
            ("b/s", true), ("+/x", true),
        ]
    )
    func denyOverlap(filter: String, isAllowed: Bool) throws {
        let rights = BrokerRights(
            allowed: [try self.rule("#", .subscribe)], denied: [try self.rule("a/s/#", .subscribe)]
        )
        let decision = rights.decide(.subscribe, filter)
        #expect(decision == (isAllowed ? .allowed : .denied("denied by rule “a/s/#”")))
    }

    @Test("do not take a denied subscription for a denied reading, nor the other way round")
    func denyIsLiteral() throws {
        let allowed = [try self.rule("a/#", .subscribe, .read)]
        let noSubscribing = BrokerRights(allowed: allowed, denied: [try self.rule("a/s", .subscribe)])
        #expect(!noSubscribing.decide(.subscribe, "a/#").isAllowed)
        #expect(noSubscribing.decide(.read, "a/s").isAllowed)
        let noReading = BrokerRights(allowed: allowed, denied: [try self.rule("a/s", .read)])
        #expect(noReading.decide(.subscribe, "a/#").isAllowed)
        #expect(!noReading.decide(.read, "a/s").isAllowed)
        #expect(noReading.decide(.read, "a/t").isAllowed)
    }

    @Test("of a superuser are everything that is valid, whatever the rules")
    func superuser() throws {
        let rights = BrokerRights(denied: [try self.rule("#", .subscribe, .read, .publish)], isSuperuser: true)
        for action in BrokerAction.allCases {
            #expect(rights.decide(action, "a/b") == .allowed)
            #expect(rights.decide(action, "$CONTROL/dynamic-security/v1") == .allowed)
            #expect(rights.decide(action, "a\0") == .denied("invalid topic"))
        }
        #expect(rights.decide(.subscribe, "#") == .allowed)
        #expect(rights.decide(.subscribe, "a/#/b") == .denied("invalid topic"))
        #expect(rights.decide(.publish, "#") == .denied("invalid topic"))
    }

    @Test("over “#” and “+/…” end before what begins with “$”")
    func reserved() throws {
        let rights = BrokerRights(
            allowed: [
                try self.rule("#", .subscribe, .read, .publish), try self.rule("+/x", .subscribe, .read, .publish),
                try self.rule("$SYS/broker/+", .subscribe, .read),
            ]
        )
        for action in BrokerAction.allCases {
            for topic in ["$SYS", "$SYS/x", "$CONTROL/dynamic-security/v1", "$", "$share"] {
                #expect(rights.decide(action, topic) == .denied("not allowed"))
            }
            #expect(rights.decide(action, "x/$SYS").isAllowed)
        }
        #expect(rights.decide(.read, "$SYS/broker/uptime").isAllowed)
        #expect(rights.decide(.subscribe, "$share/g/$SYS/broker/+").isAllowed)
        #expect(!rights.decide(.subscribe, "$SYS/#").isAllowed)
    }

    @Test("Where nothing is asked at delivery, what may not be read cannot be subscribed to either")
    func subscriptionWithDelivery() {
        let owner = BrokerRights.everyPlace
        #expect(owner.decideSubscriptionWithDelivery("station/s/device/lamp/state") == .allowed)
        #expect(owner.decideSubscriptionWithDelivery("placebrain/#") == .allowed)
        for filter in ["station/s/device/lamp/command", "station/s/device/lamp/#", "station/+/device/+/+"] {
            #expect(owner.decide(.subscribe, filter) == .allowed)
            #expect(!owner.decideSubscriptionWithDelivery(filter).isAllowed, "\(filter)")
        }
        #expect(!owner.decideSubscriptionWithDelivery("other/#").isAllowed)
        #expect(BrokerRights.everything.decideSubscriptionWithDelivery("#") == .allowed)
    }
}
