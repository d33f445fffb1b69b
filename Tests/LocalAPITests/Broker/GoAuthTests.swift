import Accounts
import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("Questions of mosquitto-go-auth")
struct GoAuthTests {
    // MARK: Backend “http”

    @Test("A device, as the http backend asks in JSON: login, superuser, access")
    func httpJSON() async throws {
        try await LocalAPIFixture.run { station in
            let (device, token) = try await station.addNamedDevice("lamp")
            for name in ["lamp", "device:\(device.id)"] {
                let login = try await station.ask(
                    "/mqtt/user",
                    json: #"{"clientid":"\#(name)","password":"\#(token.revealed)","username":"\#(name)"}"#
                )
                expectVerdict(login, 200)
                let superuser = try await station.ask("/mqtt/superuser", json: #"{"username":"\#(name)"}"#)
                expectVerdict(superuser, 403, "not a superuser")
                let own = try await station.ask(
                    "/mqtt/acl",
                    json:
                        #"{"acc":2,"clientid":"\#(name)","topic":"station/s1/device/lamp/state","username":"\#(name)"}"#
                )
                expectVerdict(own, 200)
                let other = try await station.ask(
                    "/mqtt/acl",
                    json:
                        #"{"acc":2,"clientid":"\#(name)","topic":"station/s1/device/door/state","username":"\#(name)"}"#
                )
                expectVerdict(other, 403, "not allowed")
            }
            let wrong = try await station.ask(
                "/mqtt/user", json: #"{"clientid":"lamp","password":"guess","username":"lamp"}"#
            )
            expectVerdict(wrong, 403, "invalid credentials")
            let client = try await station.ask(
                "/mqtt/user", json: #"{"clientid":"x","password":"\#(token.revealed)","username":"lamp"}"#
            )
            expectVerdict(client, 403, "the client id must be the user name")
            try await station.hub.removeDevice(device.id)
            let removed = try await station.ask(
                "/mqtt/acl",
                json: #"{"acc":2,"clientid":"lamp","topic":"station/s1/device/lamp/state","username":"lamp"}"#
            )
            expectVerdict(removed, 403, "not allowed")
        }
    }

    @Test("A token as the password, as the http backend asks with a form: the later questions show none")
    func httpForm() async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            station.policy.replace(by: try IssuerVector.policy())
            let early = try await station.ask(
                "/mqtt/acl", form: "acc=4&clientid=c+1&topic=celine%2F%23&username=anna%40example.com"
            )
            expectVerdict(early, 403, "missing token")
            let login = try await station.ask(
                "/mqtt/user",
                form: "clientid=c+1&password=\(IssuerVector.reader.revealed)&username=anna%40example.com"
            )
            expectVerdict(login, 200)
            let known = try await station.ask(
                "/mqtt/acl", form: "acc=4&clientid=c+1&topic=celine%2F%23&username=anna%40example.com"
            )
            expectVerdict(known, 200)
            // It changes nothing that somebody fails, and everything that somebody else gets in.
            let failed = try await station.ask(
                "/mqtt/user", form: "clientid=c+1&password=\(IssuerVector.old.revealed)&username=anna%40example.com"
            )
            expectVerdict(failed, 403, "invalid credentials")
            let still = try await station.ask(
                "/mqtt/acl", form: "acc=1&clientid=c%201&topic=celine%2Fx&username=anna%40example.com"
            )
            expectVerdict(still, 200)
            let superuser = try await station.ask("/mqtt/superuser", form: "username=anna%40example.com")
            expectVerdict(superuser, 403, "not a superuser")
            let next = try await station.ask(
                "/mqtt/user", form: "clientid=c+1&password=\(IssuerVector.admin.revealed)&username=anna%40example.com"
            )
            expectVerdict(next, 200)
            let changed = try await station.ask("/mqtt/superuser", form: "username=anna%40example.com")
            expectVerdict(changed, 200)
        }
    }

    @Test("A token as the user name comes with every question")
    func tokenAsName() async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            station.policy.replace(by: try IssuerVector.policy())
            let name = IssuerVector.admin.revealed
            let login = try await station.ask(
                "/mqtt/user", json: #"{"clientid":"c","password":"-","username":"\#(name)"}"#)
            expectVerdict(login, 200)
            let superuser = try await station.ask("/mqtt/superuser", json: #"{"username":"\#(name)"}"#)
            expectVerdict(superuser, 200)
            let access = try await station.ask(
                "/mqtt/acl", json: #"{"acc":2,"clientid":"other","topic":"any/topic","username":"\#(name)"}"#
            )
            expectVerdict(access, 200)
        }
    }

    // MARK: Backend “jwt”

    @Test("The jwt backend in JSON: the token is in the header, the body is “null” or has no name")
    func jwtJSON() async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            station.policy.replace(by: try IssuerVector.policy())
            for path in ["/mqtt/user", "/mqtt/superuser"] {
                expectVerdict(try await station.ask(path, json: "null", bearer: IssuerVector.admin), 200)
                let old = try await station.ask(path, json: "null", bearer: IssuerVector.old)
                expectVerdict(old, 403, "invalid credentials")
                expectVerdict(try await station.ask(path, json: "null"), 403, "missing token")
            }
            let superuser = try await station.ask("/mqtt/superuser", json: "null", bearer: IssuerVector.reader)
            expectVerdict(superuser, 403, "not a superuser")
            let access = #"{"acc":4,"clientid":"c1","topic":"$share/g/celine/#"}"#
            expectVerdict(try await station.ask("/mqtt/acl", json: access, bearer: IssuerVector.reader), 200)
            expectVerdict(try await station.ask("/mqtt/acl", json: access), 403, "missing token")
            let own = try await station.ask("/mqtt/user", json: "null", bearer: station.owner.accessToken)
            expectVerdict(own, 200)
        }
    }

    @Test("The jwt backend with a form: the body is empty or has no name")
    func jwtForm() async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            station.policy.replace(by: try IssuerVector.policy())
            for path in ["/mqtt/user", "/mqtt/superuser"] {
                expectVerdict(try await station.ask(path, form: "", bearer: IssuerVector.admin), 200)
                expectVerdict(try await station.ask(path, form: ""), 403, "missing token")
            }
            let access = try await station.ask(
                "/mqtt/acl", form: "acc=1&clientid=c1&topic=celine%2Fx", bearer: IssuerVector.reader
            )
            expectVerdict(access, 200)
        }
    }

    @Test("A question without a body and without a content type is read as well")
    func noBody() async throws {
        try await LocalAPIFixture.run { station in
            let header = ["Authorization": "Bearer \(station.owner.accessToken.revealed)"]
            expectVerdict(try await station.stranger.send("POST", "/mqtt/user", headers: header), 200)
            expectVerdict(try await station.stranger.send("POST", "/mqtt/user"), 403, "missing token")
            let untyped = try await station.stranger.send(
                "POST", "/mqtt/user", headers: header, body: Array("null".utf8))
            expectVerdict(untyped, 200)
        }
    }

    // MARK: Answers

    @Test("As text the answer is the bare word or the reason")
    func text() async throws {
        try await LocalAPIFixture.run { station in
            let (_, token) = try await station.addNamedDevice("lamp")
            let login = #"{"clientid":"lamp","password":"\#(token.revealed)","username":"lamp"}"#
            let yes = try await station.ask("/mqtt/user?format=text", json: login)
            #expect(yes.status == 200 && yes.text == "ok")
            #expect(yes["Content-Type"] == "text/plain; charset=utf-8")
            let no = try await station.ask("/mqtt/superuser?format=text", json: #"{"username":"lamp"}"#)
            #expect(no.status == 403 && no.text == "not a superuser")
            let fault = try await station.ask("/mqtt/acl?format=text", json: #"{"topic":"x"}"#)
            #expect(fault.status == 400 && fault.text == "“acc” is missing.")
            expectVerdict(try await station.ask("/mqtt/user?format=json", json: login), 200)
            for query in ["format=xml", "format=", "format=text&format=text", "formt=text", "format=%zz", "x"] {
                try expectFault(try await station.ask("/mqtt/user?\(query)", json: login))
            }
        }
    }

    @Test("The reasons are those of contract 6")
    func reasons() async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            station.policy.replace(by: try IssuerVector.policy())
            for (body, reason) in [
                (#"{"acc":0,"topic":"celine/x"}"#, "invalid acc mask"),
                (#"{"acc":8,"topic":"celine/x"}"#, "invalid acc mask"),
                (#"{"acc":2,"topic":"celine/x"}"#, "not allowed"), (#"{"acc":1,"topic":""}"#, "invalid topic"),
                (#"{"acc":1,"topic":"a/+"}"#, "invalid topic"), (#"{"acc":4,"topic":"a/#/b"}"#, "invalid topic"),
                (#"{"acc":4,"topic":"a+"}"#, "invalid topic"), (#"{"acc":1,"topic":"a\u0000"}"#, "invalid topic"),
                (#"{"acc":4,"topic":"$share/g"}"#, "invalid topic"),
                (#"{"acc":1,"topic":"\#(String(repeating: "x", count: 65_536))"}"#, "invalid topic"),
            ] {
                let answer = try await station.ask("/mqtt/acl", json: body, bearer: IssuerVector.reader)
                expectVerdict(answer, 403, reason)
            }
            let form = try await station.ask("/mqtt/acl", form: "acc=1&topic=a%00", bearer: IssuerVector.reader)
            expectVerdict(form, 403, "invalid topic")
        }
    }

    @Test("A change of the policy is felt by the next question")
    func policy() async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            let question = #"{"acc":1,"clientid":"c1","topic":"celine/x"}"#
            let before = try await station.ask("/mqtt/acl", json: question, bearer: IssuerVector.reader)
            expectVerdict(before, 403, "not allowed")
            station.policy.replace(by: try IssuerVector.policy())
            expectVerdict(try await station.ask("/mqtt/acl", json: question, bearer: IssuerVector.reader), 200)
            station.policy.replace(by: try IssuerVector.policy(topic: "other/#"))
            let after = try await station.ask("/mqtt/acl", json: question, bearer: IssuerVector.reader)
            expectVerdict(after, 403, "not allowed")
        }
    }

    @Test("While the store is away a broker is told to try again, and is never answered with a 5xx")
    func storeAway() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station.sqlite")
            try await LocalAPIFixture.run(database: StationDatabase.open(path: path)) { station in
                let (_, token) = try await station.addNamedDevice("lamp")
                try await SQLiteShell(database: path, directory: directory).takeAway("devices")
                let login = #"{"clientid":"lamp","password":"\#(token.revealed)","username":"lamp"}"#
                expectVerdict(try await station.ask("/mqtt/user", json: login), 403, "try again")
                try expectResult(try await station.ask("/mqtt/emqx/auth", json: login), ["result": "deny"])
            }
        }
    }

    @Test("Brokers ask at every message, so their questions are not in the log of an ordinary day")
    func quiet() async throws {
        try await LocalAPIFixture.run { station in
            for path in LocalAPIFixture.questionPaths {
                _ = try await station.ask(path, json: #"{"password":"hidden","username":"lamp"}"#)
                #expect(station.log.request(path)?.level == .debug, "\(path)")
            }
            #expect(!station.log.text.contains("hidden"))
        }
    }

    // MARK: Masks

    @Test(
        "A mask is a whole number or the digits of one; other numbers are no masks, anything else is not read",
        arguments: [
            (.integer(1), [.read]), (.integer(2), [.publish]), (.integer(3), [.read, .publish]),
            (.integer(4), [.subscribe]), (.integer(5), [.read, .subscribe]), (.integer(6), [.publish, .subscribe]),
            (.integer(7), [.read, .publish, .subscribe]), ("1", [.read]), ("07", [.read, .publish, .subscribe]),
            (.integer(0), []), (.integer(8), []), (.integer(-1), []), (.integer(.max), []), ("0", []), ("8", []),
            ("99999999999999999999", []), ("", nil), ("-1", nil), ("+4", nil), (" 4", nil), ("4 ", nil), ("4.0", nil),
            ("0x4", nil), ("٤", nil), ("read", nil), (.number(4.0), [.subscribe]), (.number(9.0), []),
            (.number(4.5), nil), (.number(1e30), nil), (true, nil), (.null, nil), ([4], nil),
            (["acc": 4], nil),
        ] as [(JSONValue, [BrokerAction]?)])
    func masks(value: JSONValue, actions: [BrokerAction]?) {
        #expect(AccessMask.actions(value) == actions)
    }

    @Test("All bits of a mask must be allowed")
    func bits() async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            station.policy.replace(by: try IssuerVector.policy())
            for (mask, isAllowed) in [(1, true), (2, false), (3, false), (4, true), (5, true), (6, false), (7, false)] {
                let json = try await station.ask(
                    "/mqtt/acl", json: #"{"acc":\#(mask),"topic":"celine/x"}"#, bearer: IssuerVector.reader
                )
                #expect(json.status == (isAllowed ? 200 : 403), "\(mask)")
                let form = try await station.ask(
                    "/mqtt/acl", form: "acc=\(mask)&topic=celine/x", bearer: IssuerVector.reader
                )
                #expect(form.status == json.status, "\(mask)")
            }
        }
    }
}
