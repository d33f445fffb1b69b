import StationCore
import Testing

@Suite("A broker policy")
struct BrokerPolicyTests {
    private let everyone: [TokenSubject] = [
        PolicyTexts.user(["all"]), PolicyTexts.user(["all"], id: "u2", scopes: ["x.read"]),
        PolicyTexts.user(["all", "staff"]),
        PolicyTexts.service(["s.all"]), PolicyTexts.service(["s.all", "x.write"], id: "c2"),
    ]

    /// Whom of `everyone` a rule with these `subjects` allows to publish.
    private func allowed(_ subjects: String) throws -> [Int] {
        let policy = try PolicyTexts.policy(#"{"subjects":\#(subjects),"topics":["t"],"actions":["publish"]}"#)
        return self.everyone.indices.filter {
            policy.rights(of: self.everyone[$0]).decide(.publish, "t").isAllowed
        }
    }

    // MARK: Permission and rule

    @Test("allows what both the roles and a rule give, and nothing on one of them alone")
    func bothAreNeeded() throws {
        let policy = try PolicyTexts.policy(#"{"subjects":{},"topics":["a/#"],"actions":["read","publish"]}"#)
        let reader = policy.rights(of: PolicyTexts.user(["read"]))
        #expect(reader.decide(.read, "a/b").isAllowed)
        #expect(!reader.decide(.publish, "a/b").isAllowed)
        #expect(!reader.decide(.read, "b").isAllowed)
        let all = policy.rights(of: PolicyTexts.user(["all"]))
        #expect(all.decide(.publish, "a").isAllowed)
        #expect(!all.decide(.subscribe, "a").isAllowed)
        let none = try PolicyTexts.policy()
        #expect(none.rights(of: PolicyTexts.user(["all"])) == .nothing)
    }

    @Test("puts together what groups and scopes permit; one that is not in the roles permits nothing")
    func union() throws {
        let policy = try PolicyTexts.policy(
            ##"{"subjects":{"groups":["strange"]},"topics":["#"],"actions":"*"}"##, PolicyTexts.allowEverything
        )
        func actions(_ subject: TokenSubject) -> [BrokerAction] {
            BrokerAction.allCases.filter { policy.rights(of: subject).decide($0, "t").isAllowed }
        }
        #expect(actions(PolicyTexts.user(["read", "publish"])) == [.read, .publish])
        #expect(actions(PolicyTexts.user(["subscribe"], scopes: ["s.read"])) == [.subscribe, .read])
        #expect(actions(PolicyTexts.service(["s.all"])) == [.subscribe, .read, .publish])
        #expect(actions(PolicyTexts.user(["strange", "none", "/all", "All"])) == [])
        #expect(actions(PolicyTexts.service(["s.*", "s.", "s", "all", "*"])) == [])
        #expect(actions(PolicyTexts.user([])) == [])
        #expect(policy.rights(of: PolicyTexts.user(["none"])) == .nothing)
    }

    @Test("makes a superuser by the permission of that name, and by no name of a person or group")
    func superuser() throws {
        let policy = try PolicyTexts.policy()
        for subject in [PolicyTexts.user(["super"]), PolicyTexts.service(["s.super"])] {
            let rights = policy.rights(of: subject)
            #expect(rights.isSuperuser)
            #expect(rights.decide(.publish, "$CONTROL/dynamic-security/v1").isAllowed)
        }
        for name in ["admin", "admins", "collector", "superuser", "station-agent", "root"] {
            let rights = policy.rights(of: PolicyTexts.user([name], id: name, scopes: [name, "mqtt.admin"]))
            #expect(rights == .nothing)
        }
        let denying = try PolicyTexts.policy(##"{"subjects":{},"topics":["#"],"actions":"*","effect":"deny"}"##)
        #expect(denying.rights(of: PolicyTexts.user(["super"])).decide(.subscribe, "#").isAllowed)
    }

    @Test("without rules and roles gives nobody anything")
    func empty() throws {
        for text in [
            #"{"mqtt":{}}"#, #"{"mqtt":{"acl":{},"roles":{}}}"#, #"{"celine":{"mqtt":{"acl":{"rules":[]}}}}"#,
            #"{"mqtt":{"roles":{"group_permissions":{},"scope_permissions":{}}}}"#,
        ] {
            let policy = try BrokerPolicy(json: JSONValue.parse(text))
            #expect(policy == .empty)
            #expect(policy.rights(of: PolicyTexts.user(["admins"], scopes: ["mqtt.admin"])) == .nothing)
        }
    }

    // MARK: Subjects

    @Test("asks all four lists of a rule for the subject; one value of a list is enough")
    func subjects() throws {
        #expect(try self.allowed("{}") == [0, 1, 2, 3, 4])
        #expect(try self.allowed(#"{"types":["user"]}"#) == [0, 1, 2])
        #expect(try self.allowed(#"{"types":["service"]}"#) == [3, 4])
        #expect(try self.allowed(#"{"types":["user","service"]}"#) == [0, 1, 2, 3, 4])
        #expect(try self.allowed(#"{"ids":["u2","c2","nobody"]}"#) == [1, 4])
        #expect(try self.allowed(#"{"groups":["staff","x"]}"#) == [2])
        #expect(try self.allowed(#"{"groups":["all"]}"#) == [0, 1, 2])
        #expect(try self.allowed(#"{"scopes":["x.read","x.write"]}"#) == [1, 4])
        #expect(try self.allowed(#"{"types":["user"],"scopes":["x.read","x.write"]}"#) == [1])
        #expect(try self.allowed(#"{"types":["service"],"groups":["all"]}"#) == [])
        #expect(try self.allowed(#"{"types":["user"],"ids":["u1"],"groups":["staff"],"scopes":["x.read"]}"#) == [])
        #expect(try self.allowed(#"{"types":["user"],"ids":["u2"],"groups":["all"],"scopes":["x.read"]}"#) == [1])
    }

    @Test("takes “*” in place of a list for anybody, an empty list for nobody, and “*” within a list for a name")
    func anybody() throws {
        for key in ["types", "ids", "groups", "scopes"] {
            #expect(try self.allowed(#"{"\#(key)":"*"}"#) == [0, 1, 2, 3, 4])
            #expect(try self.allowed(#"{"\#(key)":[]}"#) == [])
        }
        for key in ["ids", "groups", "scopes"] { #expect(try self.allowed(#"{"\#(key)":["*"]}"#) == []) }
        #expect(try self.allowed(#"{"types":"*","ids":"*","groups":"*","scopes":"*"}"#) == [0, 1, 2, 3, 4])
        #expect(try self.allowed(#"{"types":"*","ids":[]}"#) == [])
    }

    @Test("takes a scope that ends with “.*” for all that begin so, and nothing else for a pattern")
    func scopePatterns() throws {
        for (pattern, matching) in [
            ("x.*", ["x.read", "x.", "x.y.z", "x.*", "x.\u{301}"]), ("x.y.*", ["x.y.z"]), (".*", [".a"]),
            ("x*", ["x*"]),
            ("*", ["*"]), ("x.re*", ["x.re*"]), ("x.*.z", ["x.*.z"]), ("x.?", ["x.?"]), ("x.read", ["x.read"]),
        ] {
            let policy = try PolicyTexts.policy(
                #"{"subjects":{"scopes":["\#(pattern)"]},"topics":["t"],"actions":"*"}"#)
            let scopes = [
                "x.read", "x.", "x.y.z", "x.*", "x.\u{301}", ".a", "x*", "*", "x.re*", "x.*.z", "x.?", "x", "xx.read",
                "y.read", "X.read",
            ]
            let found = scopes.filter {
                policy.rights(of: PolicyTexts.user(["read"], scopes: [$0])).decide(.read, "t").isAllowed
            }
            let expected = pattern == "x.*" ? matching + ["x.*.z", "x.re*", "x.?"] : matching
            #expect(Set(found) == Set(expected), "\(pattern)")
        }
    }

    // MARK: Deny

    @Test("denies whatever the order, without asking for a permission, and only whom the rule is about")
    func deny() throws {
        let deny = #"{"subjects":{"ids":["u1"]},"topics":["a/s"],"actions":["publish"],"effect":"deny"}"#
        for rules in [[deny, PolicyTexts.allowEverything], [PolicyTexts.allowEverything, deny]] {
            let policy = try PolicyTexts.policy(rules[0], rules[1])
            let rights = policy.rights(of: PolicyTexts.user(["all"]))
            #expect(rights.decide(.publish, "a/s") == .denied("denied by rule “a/s”"))
            #expect(rights.decide(.publish, "a/t").isAllowed)
            #expect(rights.decide(.read, "a/s").isAllowed)
            #expect(policy.rights(of: PolicyTexts.user(["all"], id: "u2")).decide(.publish, "a/s").isAllowed)
            let without = policy.rights(of: PolicyTexts.user([]))
            #expect(without.decide(.publish, "a/s") == .denied("denied by rule “a/s”"))
            #expect(without.decide(.publish, "a/t") == .denied("not allowed"))
        }
    }

    @Test("refuses a subscription that a denied pattern overlaps, and leaves reading to a deny of its own")
    func denyOverlap() throws {
        let policy = try PolicyTexts.policy(
            PolicyTexts.allowEverything, #"{"subjects":{},"topics":["a/+/s"],"actions":["subscribe"],"effect":"deny"}"#
        )
        let rights = policy.rights(of: PolicyTexts.user(["all"]))
        for filter in ["a/#", "#", "+/b/s", "a/b/s", "$share/g/a/#"] {
            #expect(rights.decide(.subscribe, filter) == .denied("denied by rule “a/+/s”"))
        }
        for filter in ["a/+", "b/#", "a/b/t", "a"] { #expect(rights.decide(.subscribe, filter).isAllowed) }
        #expect(rights.decide(.read, "a/b/s").isAllowed)
    }

    // MARK: Where the reference is wrong or silent

    @Test(
        "is judged as MQTT reads filters, not by patterns on text",
        arguments: [
            ("a/+", .subscribe, "a/#", false), ("a/+", .subscribe, "a/+", true), ("a/+/#", .read, "a/b/c", true),
            ("a/+/#", .publish, "a/b/c", true), ("{a,b}", .read, "a", false), ("{a,b}", .read, "{a,b}", true),
            ("*", .read, "a", false), ("a/*", .read, "a/b", false), ("a?", .read, "ab", false),
            ("a?", .read, "a?", true),
            ("#", .read, "$SYS/broker/uptime", false), ("#", .subscribe, "$SYS/#", false),
            ("+/x", .read, "$SYS/x", false),
            ("$SYS/#", .subscribe, "$SYS/#", true), ("$SYS/#", .read, "$SYS/broker/uptime", true),
            ("a/#", .subscribe, "$share/g/a/b", true), ("a/#", .subscribe, "$share/g/b", false),
            ("#", .subscribe, "$share/g/#", true), ("#", .read, "$share/g/a", false), ("a/#", .subscribe, "a", true),
            ("a", .subscribe, "a/#", false),
            ("celine/telemetry/+/+/readings", .read, "celine/telemetry/a/b/readings", true),
            ("celine/telemetry/+/+/readings", .subscribe, "celine/telemetry/#", false),
            ("celine/telemetry/+/+/readings", .read, "celine/telemetry/a/readings", false),
        ] as [(String, BrokerAction, String, Bool)]
    )
    func patterns(pattern: String, action: BrokerAction, topic: String, isAllowed: Bool) throws {
        let policy = try PolicyTexts.policy(#"{"subjects":{},"topics":["\#(pattern)"],"actions":"*","effect":"allow"}"#)
        let decision = policy.rights(of: PolicyTexts.service(["s.all"])).decide(action, topic)
        #expect(decision == (isAllowed ? .allowed : .denied("not allowed")))
    }

    @Test("is judged for valid topics only")
    func invalidTopics() throws {
        let rights = try PolicyTexts.policy(PolicyTexts.allowEverything).rights(of: PolicyTexts.user(["all"]))
        for topic in RightsTable.invalidEverywhere {
            for action in BrokerAction.allCases { #expect(rights.decide(action, topic) == .denied("invalid topic")) }
        }
        for topic in RightsTable.wildcards { #expect(rights.decide(.publish, topic) == .denied("invalid topic")) }
        for filter in RightsTable.brokenShares {
            #expect(rights.decide(.subscribe, filter) == .denied("invalid topic"))
        }
    }

    // MARK: The contract's example

    @Test("in the contract's words is read, with an outer object or without")
    func contract() throws {
        let outer = try JSONValue.parse(PolicyTexts.contract)
        let policy = try BrokerPolicy(json: outer)
        let inner = try BrokerPolicy(json: try #require(outer["celine"]))
        #expect(inner == policy)
        let rights = policy.rights(of: PolicyTexts.user([], scopes: ["mqtt.read"]))
        #expect(rights == .nothing)
        let admin = policy.rights(of: PolicyTexts.user(["admins"], scopes: ["mqtt.x"]))
        let topic = try #require(TopicFilter("celine/telemetry/+/+/readings"))
        let rule = BrokerRights.Rule(topic, [.subscribe, .read, .publish])
        #expect(admin == BrokerRights(allowed: [rule], isSuperuser: true))
    }
}
