import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Questions of EMQX")
struct EMQXTests {
    private static let prefixes = ["/mqtt/emqx", "/api/internal/mqtt"]

    @Test("A login, as JSON and as a form, with everything that EMQX may tell", arguments: Self.prefixes)
    func login(prefix: String) async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            station.policy.replace(by: try IssuerVector.policy())
            let (_, token) = try await station.addNamedDevice("lamp")
            let device = try await station.ask(
                "\(prefix)/auth",
                json: """
                    {"username":"lamp","password":"\(token.revealed)","clientid":"lamp","peerhost":"10.0.0.9",\
                    "cert_subject":"","cert_common_name":"","x":{"y":[1]}}
                    """
            )
            try expectResult(device, ["result": "allow", "is_superuser": false])
            let reader = try await station.ask(
                "\(prefix)/auth", form: "username=anna&password=\(IssuerVector.reader.revealed)&clientid=c1"
            )
            let end = JSONValue.integer(Int64(IssuerVector.end))
            try expectResult(reader, ["result": "allow", "is_superuser": false, "expire_at": end])
            let admin = try await station.ask("\(prefix)/auth", json: "null", bearer: IssuerVector.admin)
            try expectResult(admin, ["result": "allow", "is_superuser": true, "expire_at": end])
            #expect(admin.text.contains("\"expire_at\":\(IssuerVector.end)"))
            for body in [
                #"{"username":"lamp","password":"guess","clientid":"lamp"}"#, #"{"username":"","password":""}"#,
                #"{"username":"lamp","password":"\#(token.revealed)","clientid":"door"}"#, "{}", "null", "",
                #"{"username":"anna","password":"\#(IssuerVector.old.revealed)","clientid":"c1"}"#,
            ] {
                try expectResult(try await station.ask("\(prefix)/auth", json: body), ["result": "deny"])
            }
        }
    }

    @Test("Access, by the name of the action or by its number", arguments: Self.prefixes)
    func access(prefix: String) async throws {
        try await LocalAPIFixture.run { station in
            let (_, token) = try await station.addNamedDevice("lamp")
            let login = #"{"username":"lamp","password":"\#(token.revealed)","clientid":"lamp"}"#
            _ = try await station.ask("\(prefix)/auth", json: login)
            for (members, isAllowed) in [
                (#""action":"publish","topic":"station/s1/device/lamp/state""#, true),
                (#""access":"2","topic":"station/s1/device/lamp/state","qos":"1","retain":"false""#, true),
                (#""action":"publish","access":"2","topic":"station/s1/device/lamp/state""#, true),
                (#""action":"subscribe","topic":"station/s1/device/lamp/command""#, true),
                (#""access":"1","topic":"station/s1/device/lamp/command""#, true),
                (#""access":1,"topic":"station/s1/device/lamp/command""#, true),
                (#""action":"publish","topic":"station/s1/device/lamp/command""#, false),
                (#""action":"publish","access":"1","topic":"station/s1/device/lamp/state""#, false),
                (#""action":"subscribe","topic":"placebrain/#""#, false), (#""action":"subscribe""#, false),
                (#""topic":"station/s1/device/lamp/state""#, false),
                (#""action":"","topic":"station/s1/device/lamp/state""#, false),
                (#""action":"all","topic":"station/s1/device/lamp/state""#, false),
                (#""action":"PUBLISH","topic":"station/s1/device/lamp/state""#, false),
                (#""access":"3","topic":"station/s1/device/lamp/state""#, false),
                (#""access":true,"topic":"station/s1/device/lamp/state""#, false),
                (#""action":"publish","topic":"""#, false), (#""action":"publish","topic":7"#, false),
            ] {
                let body = #"{"username":"lamp","clientid":"lamp","peerhost":"10.0.0.9",\#(members)}"#
                let answer = try await station.ask("\(prefix)/acl", json: body)
                try expectResult(answer, ["result": .string(isAllowed ? "allow" : "deny")])
            }
            let form = try await station.ask(
                "\(prefix)/acl",
                form:
                    "username=lamp&clientid=lamp&action=publish&topic=station%2Fs1%2Fdevice%2Flamp%2Fevent&mountpoint="
            )
            try expectResult(form, ["result": "allow"])
        }
    }

    @Test("A template without a client id is enough for devices and for people with tokens")
    func withoutClientID() async throws {
        try await LocalAPIFixture.run(issuer: IssuerVector.tokens()) { station in
            station.policy.replace(by: try IssuerVector.policy())
            let (_, token) = try await station.addNamedDevice("lamp")
            let device = try await station.ask("/mqtt/emqx/auth", form: "username=lamp&password=\(token.revealed)")
            try expectResult(device, ["result": "allow", "is_superuser": false])
            let state = try await station.ask(
                "/mqtt/emqx/acl", form: "username=lamp&action=publish&topic=station/s1/device/lamp/state"
            )
            try expectResult(state, ["result": "allow"])
            _ = try await station.ask(
                "/mqtt/emqx/auth", form: "username=anna&password=\(IssuerVector.reader.revealed)"
            )
            let known = try await station.ask(
                "/mqtt/emqx/acl", form: "username=anna&action=subscribe&topic=celine/%23"
            )
            try expectResult(known, ["result": "allow"])
        }
    }

    @Test("A session ends with its token, by the station's clock")
    func expiry() async throws {
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock) { station in
            let signIn = try await station.signIn(LocalAPIFixture.ownerEmail)
            let login = try await station.ask(
                "/mqtt/emqx/auth", form: "username=olga&password=\(signIn.accessToken.revealed)&clientid=c1"
            )
            let end = clock.wallTime.adding(.seconds(900)).milliseconds / 1000
            try expectResult(login, ["result": "allow", "is_superuser": false, "expire_at": .integer(end)])
            let question = #"{"acc":1,"clientid":"c1","topic":"x","username":"olga"}"#
            expectVerdict(try await station.ask("/mqtt/acl", json: question), 403, "not allowed")
            clock.advance(by: .seconds(900))
            expectVerdict(try await station.ask("/mqtt/acl", json: question), 403, "invalid credentials")
        }
    }

    @Test("EMQX does not ask when it delivers, so a person is not let subscribe to what carries commands")
    func delivery() async throws {
        try await LocalAPIFixture.run { station in
            _ = try await station.addNamedDevice("lamp")
            let owner = try #require(station.hub.users.first { $0.role == .owner })
            let minted = try await station.hub.mintCredential(for: .user(owner.id), lifetime: .seconds(60))
            let name = minted.credential.username
            try await Self.expect("allow", station, name, "station/s/device/lamp/state")
            try await Self.expect("deny", station, name, "station/s/device/lamp/command")
            try await Self.expect("deny", station, name, "station/%2B/device/lamp/%23")
        }
    }

    private static func expect(
        _ result: JSONValue, _ station: LocalAPIFixture, _ name: String, _ filter: String
    ) async throws {
        let form = "username=\(name)&clientid=\(name)&action=subscribe&topic=\(filter)"
        try expectResult(try await station.ask("/mqtt/emqx/acl", form: form), ["result": result])
    }
}
