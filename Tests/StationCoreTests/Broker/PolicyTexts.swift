import StationCore
import Testing

/// Policies for tests, and subjects for them.
enum PolicyTexts {
    /// The one in the contract, with an outer object.
    static let contract = #"""
        {"celine":{"mqtt":{"acl":{"rules":[{"subjects":{"types":["user","service"],"ids":["u1"],"groups":["admins"],"scopes":["mqtt.*"]},
                                   "topics":["celine/telemetry/+/+/readings"],"actions":["subscribe","read","publish"],"effect":"allow"}]},
                 "roles":{"group_permissions":{"admins":["subscribe","read","publish","superuser"]},"scope_permissions":{"mqtt.read":["subscribe","read"]}}}}}
        """#

    static let allowEverything = ##"{"subjects":{},"topics":["#"],"actions":"*"}"##

    /// Groups and scopes named after what they permit: `read`, `subscribe`, `publish`, `all`, `super` and `none`.
    static let roles = #"""
        {"group_permissions":{"read":["read"],"subscribe":["subscribe"],"publish":["publish"],"none":[],
                              "all":["subscribe","read","publish"],"super":["superuser"]},
         "scope_permissions":{"s.read":["read"],"s.all":["subscribe","read","publish"],"s.super":["superuser","read"]}}
        """#

    static func policy(_ rules: String...) throws -> BrokerPolicy {
        let text = #"{"mqtt":{"acl":{"rules":[\#(rules.joined(separator: ","))]},"roles":\#(self.roles)}}"#
        return try BrokerPolicy(json: JSONValue.parse(text))
    }

    static func user(_ groups: Set<String>, id: String = "u1", scopes: Set<String> = []) -> TokenSubject {
        TokenSubject(kind: .user, id: id, groups: groups, scopes: scopes)
    }

    static func service(_ scopes: Set<String>, id: String = "c1") -> TokenSubject {
        TokenSubject(kind: .service, id: id, groups: [], scopes: scopes)
    }
}
