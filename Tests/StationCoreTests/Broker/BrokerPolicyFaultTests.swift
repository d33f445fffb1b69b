import StationCore
import Testing

@Suite("A broker policy with a fault")
struct BrokerPolicyFaultTests {
    private func fault(_ json: JSONValue) -> PolicyFault? {
        #expect(throws: PolicyFault.self) { try BrokerPolicy(json: json) }
    }

    @Test(
        "is refused, naming the place, what is there and what is allowed",
        arguments: [
            ("[]", "", "is an array; it must be an object"), ("null", "", "is null; it must be an object"),
            ("{}", "mqtt", "is missing; it must be an object with “acl” and “roles”"),
            (#"{"mqtt":[]}"#, "mqtt", "is an array; it must be an object"),
            (#"{"mqtt":{},"version":1}"#, "version", "is not known here; known are mqtt"),
            (#"{"mqtt":{},"a.b":1}"#, #"["a.b"]"#, "is not known here"),
            (#"{"celine":7}"#, "celine", "is 7; it must be an object"),
            (#"{"celine":{}}"#, "celine.mqtt", "is missing"),
            (#"{"celine":{"mqtt":{}},"mqtt":{}}"#, "mqtt", "is not known here; known are celine"),
            (#"{"celine":{"mqtt":{},"http":{}}}"#, "celine.http", "is not known here; known are mqtt"),
            (#"{"celine":{"celine":{"mqtt":{}}}}"#, "celine.celine", "is not known here"),
            (#"{"mqtt":{"rules":[]}}"#, "mqtt.rules", "is not known here; known are acl, roles"),
            (#"{"mqtt":{"acl":[]}}"#, "mqtt.acl", "is an array; it must be an object"),
            (#"{"mqtt":{"acl":{"rule":[]}}}"#, "mqtt.acl.rule", "is not known here; known are rules"),
            (#"{"mqtt":{"acl":{"rules":{}}}}"#, "mqtt.acl.rules", "is an object; it must be a list of objects"),
            (#"{"mqtt":{"acl":{"rules":null}}}"#, "mqtt.acl.rules", "is null; it must be a list of objects"),
            (#"{"mqtt":{"acl":{"rules":["x"]}}}"#, "mqtt.acl.rules[0]", "is “x”; it must be an object"),
            (#"{"mqtt":{"roles":true}}"#, "mqtt.roles", "is true; it must be an object"),
            (
                #"{"mqtt":{"roles":{"groups":{}}}}"#, "mqtt.roles.groups",
                "is not known here; known are group_permissions, scope_permissions"
            ),
            (
                #"{"mqtt":{"roles":{"group_permissions":[]}}}"#, "mqtt.roles.group_permissions",
                "is an array; it must be an object"
            ),
            (
                #"{"mqtt":{"roles":{"group_permissions":{"admins":"*"}}}}"#, "mqtt.roles.group_permissions.admins",
                "is “*”; it must be a list of texts"
            ),
            (
                #"{"mqtt":{"roles":{"group_permissions":{"admins":["read","write"]}}}}"#,
                "mqtt.roles.group_permissions.admins[1]",
                "is “write”; it must be one of subscribe, read, publish, superuser"
            ),
            (
                #"{"celine":{"mqtt":{"roles":{"scope_permissions":{"mqtt.read":[4]}}}}}"#,
                #"celine.mqtt.roles.scope_permissions["mqtt.read"][0]"#, "is 4; it must be one of subscribe, read"
            ),
            (
                #"{"mqtt":{"roles":{"scope_permissions":{"a\"b":{}}}}}"#,
                #"mqtt.roles.scope_permissions["a\"b"]"#, "is an object; it must be a list of texts"
            ),
            (#"{"mqtt":{"roles":{"scope_permissions":{"":7}}}}"#, #"mqtt.roles.scope_permissions[""]"#, "is 7"),
        ]
    )
    func whole(text: String, path: String, message: String) throws {
        let fault = self.fault(try JSONValue.parse(text))
        #expect(fault?.path == path)
        #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
        if let fault {
            #expect(
                "\(fault)"
                    == (path.isEmpty ? "The policy \(fault.message)." : "In the policy “\(path)” \(fault.message)."))
        }
    }

    @Test(
        "in a rule is refused, naming the rule, the member and the place in it",
        arguments: [
            ("{}", ".subjects", "is missing; it must be an object, {} for everybody"),
            (#"{"subjects":"*","topics":["a"],"actions":"*"}"#, ".subjects", "is “*”; it must be an object"),
            (#"{"subjects":{},"actions":"*"}"#, ".topics", "is missing; it must be a list of texts"),
            (#"{"subjects":{},"topics":["a"]}"#, ".actions", "is missing; it must be a list of texts, or the text “*”"),
            (
                #"{"subjects":{},"topics":[],"actions":"*"}"#, ".topics",
                "is empty; it must name at least one topic filter"
            ),
            (#"{"subjects":{},"topics":"a","actions":"*"}"#, ".topics", "is “a”; it must be a list of texts"),
            (#"{"subjects":{},"topics":"*","actions":"*"}"#, ".topics", "is “*”; it must be a list of texts"),
            (
                #"{"subjects":{},"topics":["a",7],"actions":"*"}"#, ".topics[1]",
                "is 7; it must be a topic filter: 1–65535 bytes"
            ),
            (#"{"subjects":{},"topics":[""],"actions":"*"}"#, ".topics[0]", "is “”; it must be a topic filter"),
            (
                #"{"subjects":{},"topics":["a/#/b"],"actions":"*"}"#, ".topics[0]",
                "is “a/#/b”; it must be a topic filter"
            ),
            (#"{"subjects":{},"topics":["a","b+"],"actions":"*"}"#, ".topics[1]", "is “b+”; it must be a topic filter"),
            (#"{"subjects":{},"topics":["a\u0000"],"actions":"*"}"#, ".topics[0]", "no NUL"),
            (
                #"{"subjects":{},"topics":["$share/g/a"],"actions":"*"}"#, ".topics[0]",
                "“+” only as a whole level, “#” only as the last one, not beginning with “$share/”"
            ),
            (#"{"subjects":{},"topics":["$share/"],"actions":"*"}"#, ".topics[0]", "not beginning with “$share/”"),
            (
                #"{"subjects":{},"topics":["a"],"actions":[]}"#, ".actions",
                "is empty; it must name at least one of subscribe"
            ),
            (
                #"{"subjects":{},"topics":["a"],"actions":"read"}"#, ".actions",
                "is “read”; it must be a list of texts, or"
            ),
            (
                #"{"subjects":{},"topics":["a"],"actions":["read","write"]}"#, ".actions[1]",
                "is “write”; it must be one of subscribe, read, publish"
            ),
            (#"{"subjects":{},"topics":["a"],"actions":["*"]}"#, ".actions[0]", "is “*”; it must be one of"),
            (
                #"{"subjects":{},"topics":["a"],"actions":["superuser"]}"#, ".actions[0]",
                "is “superuser”; it must be one of"
            ),
            (#"{"subjects":{},"topics":["a"],"actions":["Read"]}"#, ".actions[0]", "is “Read”; it must be one of"),
            (#"{"subjects":{},"topics":["a"],"actions":null}"#, ".actions", "is null; it must be a list of texts, or"),
            (
                #"{"subjects":{},"topics":["a"],"actions":"*","effect":"block"}"#, ".effect",
                "is “block”; it must be one of allow, deny"
            ),
            (
                #"{"subjects":{},"topics":["a"],"actions":"*","effect":null}"#, ".effect",
                "is null; it must be one of allow, deny"
            ),
            (
                #"{"subjects":{},"topics":["a"],"actions":"*","efect":"deny"}"#, ".efect",
                "is not known here; known are subjects, topics, actions, effect"
            ),
            (
                #"{"subjects":{"type":["user"]},"topics":["a"],"actions":"*"}"#, ".subjects.type",
                "is not known here; known are types, ids, groups, scopes"
            ),
            (
                #"{"subjects":{"types":["device"]},"topics":["a"],"actions":"*"}"#, ".subjects.types[0]",
                "must be one of user, service"
            ),
            (
                #"{"subjects":{"types":["*"]},"topics":["a"],"actions":"*"}"#, ".subjects.types[0]",
                "must be one of user, service"
            ),
            (
                #"{"subjects":{"types":"user"},"topics":["a"],"actions":"*"}"#, ".subjects.types",
                "is “user”; it must be a list of texts, or"
            ),
            (
                #"{"subjects":{"ids":["a",7]},"topics":["a"],"actions":"*"}"#, ".subjects.ids[1]",
                "is 7; it must be a string"
            ),
            (
                #"{"subjects":{"groups":{}},"topics":["a"],"actions":"*"}"#, ".subjects.groups",
                "is an object; it must be a list of texts"
            ),
            (
                #"{"subjects":{"scopes":null},"topics":["a"],"actions":"*"}"#, ".subjects.scopes",
                "is null; it must be a list of texts"
            ),
        ]
    )
    func rule(text: String, path: String, message: String) throws {
        let good = PolicyTexts.allowEverything
        let json = try JSONValue.parse(#"{"mqtt":{"acl":{"rules":[\#(good),\#(good),\#(text)]}}}"#)
        let fault = self.fault(json)
        #expect(fault?.path == "mqtt.acl.rules[2]\(path)")
        #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
    }

    @Test("has too many rules or values; the greatest numbers are read")
    func bounds() throws {
        func rules(_ count: Int) -> JSONValue {
            [
                "mqtt": [
                    "acl": [
                        "rules": .array(
                            Array(repeating: ["subjects": [:], "topics": ["a"], "actions": "*"], count: count))
                    ]
                ]
            ]
        }
        #expect(throws: Never.self) { try BrokerPolicy(json: rules(1000)) }
        let many = self.fault(rules(1001))
        #expect(many == PolicyFault("mqtt.acl.rules", "has 1001 values; at most 1000 are allowed"))

        func topics(_ count: Int) -> JSONValue {
            let topics = JSONValue.array((0..<count).map { .string("t/\($0)") })
            return ["mqtt": ["acl": ["rules": [["subjects": [:], "topics": topics, "actions": "*"]]]]]
        }
        #expect(throws: Never.self) { try BrokerPolicy(json: topics(1000)) }
        let long = self.fault(topics(1001))
        #expect(long == PolicyFault("mqtt.acl.rules[0].topics", "has 1001 values; at most 1000 are allowed"))

        func groups(_ count: Int) throws -> JSONValue {
            let members = (0..<count).map { #""g\#($0)":["read"]"# }.joined(separator: ",")
            return try JSONValue.parse(#"{"mqtt":{"roles":{"group_permissions":{\#(members)}}}}"#)
        }
        let most = try groups(1000)
        #expect(throws: Never.self) { try BrokerPolicy(json: most) }
        let wide = self.fault(try groups(1001))
        #expect(wide == PolicyFault("mqtt.roles.group_permissions", "has 1001 names; at most 1000 are allowed"))
    }

    @Test("is not repeated at length")
    func longValues() throws {
        let text = String(repeating: "+", count: 100_000)
        let fault = self.fault([
            "mqtt": ["acl": ["rules": [["subjects": [:], "topics": [.string(text)], "actions": "*"]]]]
        ])
        #expect(try #require(fault).description.utf8.count < 600)
        let name = JSONValue.object([text: 1])
        #expect(try #require(self.fault(["mqtt": name])).description.utf8.count < 600)
    }
}
