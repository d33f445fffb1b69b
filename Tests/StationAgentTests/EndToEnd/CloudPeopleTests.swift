import Foundation
import LabCloud
import MQTTTransport
import StationCore
import StationTestSupport
import Testing

@Suite("The cloud's word on who belongs to a station", .serialized, .timeLimit(.minutes(5)))
struct CloudPeopleTests {
    /// A password, and what the cloud makes of it.
    private struct Login {
        let password: String
        let hash: String
    }

    private static let first = Login(
        password: "member-password-4713", hash: "$2b$04$LabCloudLabCloudLabClupZlCQsHUBf9fS9VxB6eXTqT9VjV4iFq"
    )
    private static let second = Login(
        password: "member-password-4715", hash: "$2b$04$LabCloudLabCloudLabClOOePRzj59qXs/0jhn1i7e/m.OILF8gOK"
    )
    private static let email: JSONValue = "bea@example.com"

    /// The owner who has signed in here, and a member with a password of the cloud.
    private static let everybody: JSONObject = [
        "type": "identity_sync", "stationName": "Haus am See", "ownerCloudUserId": "u-ada",
        "members": [
            ["cloudUserId": "u-ada", "email": "owner@example.com", "name": "Ada", "role": "owner"],
            [
                "cloudUserId": "u-bea", "email": Self.email, "name": "Bea", "role": "member",
                "stationPasswordHash": .string(Self.first.hash),
            ],
        ],
    ]

    private static func signIn(_ login: Login, _ agent: AgentProcess) async throws -> HTTPAnswer {
        let account: JSONValue = ["email": self.email, "password": .string(login.password)]
        return try await HTTPProbe(port: agent.port).post("/api/auth/login", json: account)
    }

    private static func member(_ login: Login, _ agent: AgentProcess) async throws -> HTTPProbe {
        let answer = try await self.signIn(login, agent)
        let token = try #require(answer.json["accessToken"]?.stringValue, "\(answer.text)")
        return HTTPProbe(port: agent.port, token: Secret(token))
    }

    // MARK: Members

    @Test(
        "A member logs in with the password of the cloud; removed, the session, WebSocket and broker login end at once")
    func members() async throws {
        var setup = AgentProcess.Setup()
        setup.isEnforced = true
        try await CloudScene.run(setup) { try await Self.members($0) }
    }

    private static func members(_ scene: CloudScene) async throws {
        let agent = scene.agent
        // Members may subscribe device by device, so there must be one.
        try await agent.addDevice("lamp")
        try await scene.claim()
        try await self.expectRefusals(scene)
        try await scene.tell(self.everybody)
        let owner = try await agent.api.get("/api/auth/me")
        #expect(owner.status == 200, "who owns it is the same, and stays signed in")

        var bea = try await self.member(self.first, agent)
        try await scene.tell([
            "type": "station_password_changed", "cloudUserId": "u-bea",
            "stationPasswordHash": .string(self.second.hash),
        ])
        let ended = try await bea.get("/api/auth/me")
        #expect(ended.status == 401)
        let old = try await self.signIn(self.first, agent)
        #expect(old.status == 401)
        bea = try await self.member(self.second, agent)
        let me = try await bea.get("/api/auth/me").json
        #expect(me["email"] == self.email)

        let login = try await self.brokerLogin(bea)
        let listener = try await BrokerClient.connect(
            on: agent.loop, to: agent.broker.port, id: login.name, user: login.name, password: login.password,
            hearing: ["station/+/device/lamp/#"]
        )
        try await LiveProbe.run(port: agent.port, token: bea.token) { live in
            try await live.message("hello")
            try await scene.tell(["type": "member_removed", "cloudUserId": "u-bea"])
            let code = try await live.closed()
            #expect(code == 4401)
        }
        let afterwards = try await bea.get("/api/auth/me")
        #expect(afterwards.status == 401)
        let again = try await self.signIn(self.second, agent)
        #expect(again.status == 401)
        try await eventually("the broker has ended the connection") { await !listener.connection.isOpen }
        let isLetIn = try await agent.isLetIn(login.name, login.password)
        #expect(!isLetIn)

        try await scene.tell(["type": "member_removed", "cloudUserId": "u-ada"])
        let still = try await agent.api.get("/api/auth/me")
        #expect(still.status == 200, "the owner is never removed this way")
        #expect(try scene.known.errors == 3)
    }

    /// Lists that would lock everybody out change nothing.
    private static func expectRefusals(_ scene: CloudScene) async throws {
        try await scene.tell(["type": "identity_sync", "members": []])
        try await scene.tell([
            "type": "identity_sync",
            "members": [["cloudUserId": "u-bea", "email": self.email, "role": "member"]],
        ])
        #expect(try scene.known.errors == 2)
        let answers = scene.lab.messages(from: scene.chipID).filter { $0["type"] == "error" }
        #expect(answers.map { $0["inReplyTo"] } == ["identity_sync", "identity_sync"])
        let count = try await scene.agent.store.number("SELECT count(*) FROM users")
        #expect(count == 1)
    }

    private static func brokerLogin(_ person: HTTPProbe) async throws -> (name: String, password: Secret) {
        let answer = try await person.post("/api/mqtt/credentials", json: [:])
        try #require(answer.status == 200, "\(answer.text)")
        let json = try answer.json
        return (
            try #require(json["username"]?.stringValue), Secret(try #require(json["password"]?.stringValue))
        )
    }

    // MARK: Secrets

    @Test(
        "Station token and claim secrets are in no log line, answer or file, the cloud's password hashes in no log line"
    )
    func secrets() async throws {
        try await CloudScene.run(AgentProcess.Setup(environment: ["LOG_LEVEL": "trace"])) {
            try await Self.secrets($0)
        }
    }

    private static func secrets(_ scene: CloudScene) async throws {
        let agent = scene.agent
        // What all tokens of the lab for this station begin with.
        let token = "lab.\(scene.chipID)."
        let other = try scene.lab.admit("other").revealed
        try #require(other.hasPrefix("lab.other."))
        let offered = try await scene.claimSecret()
        try await scene.claim()
        try await scene.tell(self.everybody)
        let bea = try await self.member(self.first, agent)
        var faulty = self.everybody
        faulty["members"] = [["cloudUserId": "u-ada", "stationPasswordHash": .string(self.second.hash)]]
        try await scene.tell(faulty)
        #expect(try scene.known.errors == 1)
        // So that lines about a loss are among those that are looked at.
        await scene.lab.strike(.drop)
        try await eventually("the station comes back") { try scene.known.authentications == 2 }
        let claims = try await agent.store.number("SELECT count(*) FROM cloud_config WHERE station_token IS NOT NULL")
        #expect(claims == 1)
        var shown = try await self.shown(by: agent, to: bea)
        var files = try self.files(of: agent)

        let unclaimed = try await agent.api.post("/api/cloud/unclaim")
        #expect(unclaimed.status == 200)
        try await scene.wait(for: LabStation.Presence.waiting)
        let renewed = try await scene.claimSecret()
        shown += try await self.shown(by: agent, to: bea)
        files += try self.files(of: agent)
        try await agent.stop()
        files += try self.files(of: agent)

        let secrets = [token, offered, renewed]
        let hashes = [self.first.hash, self.second.hash]
        #expect(agent.log.contains("the station has been claimed"))
        #expect((secrets + hashes + [self.first.password]).filter { agent.log.contains($0) } == [])
        #expect((secrets + hashes + [self.first.password]).filter { shown.contains($0) } == [])
        let wal = files.contains { $0.name == "station.sqlite-wal" }
        #expect(wal)
        #expect(self.found(secrets + [self.first.password], in: files) == [])
    }

    /// All that the station shows of its cloud and its people.
    private static func shown(by agent: AgentProcess, to person: HTTPProbe) async throws -> String {
        var text = ""
        for path in ["/api/cloud/status", "/api/health", "/metrics", "/api/auth/me", "/api/user-management/members"] {
            text += try await agent.api.get(path).text
            text += try await person.get(path).text
        }
        for arguments in [
            ["cloud", "status"], ["cloud", "status", "--json"], ["config"], ["user", "list", "--json"],
        ] {
            text += try await agent.command(arguments).description
        }
        return text
    }

    private static func found(_ secrets: [String], in files: [(name: String, bytes: [UInt8])]) -> [String] {
        files.flatMap { file in
            secrets.filter { file.bytes.firstRange(of: Array($0.utf8)) != nil }.map { "\($0) in \(file.name)" }
        }
    }

    /// Every file in the data directory and below, as it is on disk.
    private static func files(of agent: AgentProcess) throws -> [(name: String, bytes: [UInt8])] {
        let directory = agent.directory.url.appending(path: "data")
        return try FileManager.default.subpathsOfDirectory(atPath: directory.path).compactMap { name in
            let file = directory.appending(path: name)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
            return (name, Array(try Data(contentsOf: file)))
        }
    }
}
