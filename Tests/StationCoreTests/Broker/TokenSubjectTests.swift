import StationCore
import Testing

@Suite("The subject of a token")
struct TokenSubjectTests {
    private func subject(_ claims: String) throws -> TokenSubject? {
        TokenSubject(claims: try #require(try JSONValue.parse(claims).objectValue))
    }

    private func user(_ id: String, groups: Set<String> = [], scopes: Set<String> = []) -> TokenSubject {
        TokenSubject(kind: .user, id: id, groups: groups, scopes: scopes)
    }

    private func service(_ id: String, scopes: Set<String> = []) -> TokenSubject {
        TokenSubject(kind: .service, id: id, groups: [], scopes: scopes)
    }

    @Test("is a user, named by “sub”, unless something makes it a service")
    func users() throws {
        #expect(try self.subject(#"{"sub":"u1"}"#) == self.user("u1"))
        #expect(try self.subject(#"{"sub":"u1","azp":"app","preferred_username":"ann"}"#) == self.user("u1"))
        #expect(try self.subject(#"{"sub":"u1","client_id":null,"clientId":null}"#) == self.user("u1"))
        #expect(try self.subject(#"{"sub":"u1","preferred_username":"Service-account-x"}"#) == self.user("u1"))
        #expect(try self.subject(#"{"sub":"u1","preferred_username":"my-service-account-x"}"#) == self.user("u1"))
    }

    @Test(
        "is a service where a client id is there or the user name is a service account's; the best name counts",
        arguments: [
            (#"{"client_id":"c","clientId":"d","azp":"a","preferred_username":"service-account-n","sub":"s"}"#, "c"),
            (#"{"clientId":"d","azp":"a","preferred_username":"service-account-n","sub":"s"}"#, "d"),
            (#"{"azp":"a","preferred_username":"service-account-n","sub":"s"}"#, "a"),
            (#"{"preferred_username":"service-account-n","sub":"s"}"#, "n"),
            (#"{"preferred_username":"service-account-","sub":"s"}"#, "s"),
            (#"{"client_id":"c"}"#, "c"), (#"{"clientId":"d","sub":"s"}"#, "d"),
            (#"{"client_id":"","clientId":"d"}"#, "d"),
            (#"{"client_id":"","sub":"s"}"#, "s"), (#"{"client_id":7,"sub":"s"}"#, "s"),
            (#"{"client_id":[],"preferred_username":"ann","sub":"s"}"#, "s"),
        ]
    )
    func services(claims: String, id: String) throws {
        #expect(try self.subject(claims) == self.service(id))
    }

    @Test(
        "is none without a name",
        arguments: [
            "{}", #"{"sub":""}"#, #"{"sub":null}"#, #"{"sub":7}"#, #"{"sub":["u"]}"#, #"{"azp":"a"}"#,
            #"{"client_id":""}"#,
            #"{"client_id":7,"azp":8}"#, #"{"preferred_username":"service-account-"}"#, #"{"groups":["admins"]}"#,
        ]
    )
    func nameless(claims: String) throws {
        #expect(try self.subject(claims) == nil)
    }

    @Test("has the groups and realm roles of a user without the slash at their beginning")
    func groups() throws {
        let both = #"{"sub":"u","realm_access":{"roles":["viewers","/staff"]},"groups":["/admins","/a/b","viewers"]}"#
        #expect(try self.subject(both) == self.user("u", groups: ["viewers", "staff", "admins", "a/b"]))
        #expect(try self.subject(#"{"sub":"u","groups":["//admins"]}"#) == self.user("u", groups: ["/admins"]))
        #expect(try self.subject(#"{"sub":"u","groups":["","/"]}"#) == self.user("u"))
        #expect(try self.subject(#"{"sub":"u","groups":["/\u0301"]}"#) == self.user("u", groups: ["\u{301}"]))
        for odd in [
            #"{"sub":"u","groups":"admins"}"#, #"{"sub":"u","groups":{"admins":true}}"#,
            #"{"sub":"u","groups":[7,null]}"#,
            #"{"sub":"u","realm_access":["admins"]}"#, #"{"sub":"u","realm_access":{"roles":"admins"}}"#,
            #"{"sub":"u","roles":["admins"]}"#, #"{"sub":"u","resource_access":{"x":{"roles":["admins"]}}}"#,
        ] {
            #expect(try self.subject(odd) == self.user("u"), "\(odd)")
        }
    }

    @Test("has no groups as a service")
    func servicesHaveNoGroups() throws {
        let claims = #"{"client_id":"c","groups":["/admins"],"realm_access":{"roles":["admins"]},"scope":"a"}"#
        #expect(try self.subject(claims) == self.service("c", scopes: ["a"]))
        #expect(try self.subject(#"{"client_id":7,"sub":"s","groups":["admins"]}"#) == self.service("s"))
    }

    @Test("has scopes out of a text with spaces or out of a list")
    func scopes() throws {
        let text = #"{"client_id":"c","scope":" openid  mqtt.read\tx dt.write openid "}"#
        #expect(try self.subject(text) == self.service("c", scopes: ["openid", "mqtt.read\tx", "dt.write"]))
        let list = #"{"sub":"u","scope":["a b","",7,"c"]}"#
        #expect(try self.subject(list) == self.user("u", scopes: ["a b", "c"]))
        for odd in [#"{"sub":"u","scope":7}"#, #"{"sub":"u","scope":""}"#, #"{"sub":"u","scopes":["a"]}"#] {
            #expect(try self.subject(odd) == self.user("u"))
        }
    }

    @Test("comes back from the store as it was")
    func roundTrip() throws {
        for subject in [
            self.user("u"), self.user("é/+#", groups: ["a/b", "x"], scopes: ["p", "q r"]),
            self.service("c", scopes: ["s"]),
        ] {
            let stored = try #require(try JSONValue.parse(JSONValue.object(subject.json).description).objectValue)
            #expect(TokenSubject(json: stored) == subject)
        }
        let json = self.user("u", groups: ["b", "a"], scopes: ["d", "c"]).json
        #expect(
            JSONValue.object(json).description == #"{"kind":"user","id":"u","groups":["a","b"],"scopes":["c","d"]}"#)
    }

    @Test(
        "does not come back from anything else",
        arguments: [
            "{}", #"{"kind":"device","id":"u","groups":[],"scopes":[]}"#, #"{"kind":"user","groups":[],"scopes":[]}"#,
            #"{"kind":"user","id":7,"groups":[],"scopes":[]}"#, #"{"kind":"user","id":"u","scopes":[]}"#,
            #"{"kind":"user","id":"u","groups":[7],"scopes":[]}"#,
            #"{"kind":"user","id":"u","groups":[],"scopes":"a"}"#,
        ]
    )
    func notStored(text: String) throws {
        #expect(TokenSubject(json: try #require(try JSONValue.parse(text).objectValue)) == nil)
    }
}
