import Foundation
import Glibc
import StationCore
import StationTestSupport
import Testing

@Suite("station-agent user", .timeLimit(.minutes(3)))
struct UserCommandTests {
    private func login(_ agent: AgentProcess, _ email: String, _ password: String) async throws -> HTTPAnswer {
        try await HTTPProbe(port: agent.port).post(
            "/api/auth/login", json: ["email": .string(email), "password": .string(password)]
        )
    }

    @Test("sets a password while the daemon runs, even when the account is locked for guesses, and ends its sessions")
    func passwd() async throws {
        try await AgentProcess.run { agent in
            let stale = try await self.login(agent, "owner@example.com", AgentProcess.ownerPassword)
            let token = Secret(try #require(try stale.json["accessToken"]?.stringValue))
            for _ in 0..<11 { _ = try await self.login(agent, "owner@example.com", "a wrong password") }

            let outcome = try await agent.command(["user", "passwd", "owner@example.com"], input: "a new password\n")
            #expect(outcome.code == 0, "\(outcome)")
            #expect(!outcome.output.contains("a new password"))
            try await eventually("the daemon has noticed") {
                try await HTTPProbe(port: agent.port, token: token).get("/api/auth/me").status == 401
            }
        }
    }

    @Test("adds, lists, promotes and removes people; a daemon that runs notices")
    func lifeCycle() async throws {
        try await AgentProcess.run { agent in
            let added = try await agent.command(
                ["user", "add", "anna@example.com", "--name", "Anna"], input: "long enough\n")
            #expect(added.code == 0 && added.output.contains("as member"), "\(added)")
            let list = try await agent.successfully("user", "list", "--json")
            let users = try #require(try JSONValue.parse(list).arrayValue)
            #expect(users.map { $0["email"] } == ["owner@example.com", "anna@example.com"])
            // Whoever guesses is soon shut out, so it is not by signing in that is found out when she is known.
            try await eventually("the daemon knows Anna") { try await self.knowsAnna(agent) }
            #expect(try await self.login(agent, "anna@example.com", "long enough").status == 200)
            #expect(try await agent.successfully("user", "role", "anna@example.com", "admin").contains("is admin"))
            #expect(try await agent.successfully("user", "remove", "anna@example.com").contains("Removed"))
            try await eventually("Anna is gone") { try await !self.knowsAnna(agent) }
            #expect(try await self.login(agent, "anna@example.com", "long enough").status == 401)
        }
    }

    private func knowsAnna(_ agent: AgentProcess) async throws -> Bool {
        try await agent.api.get("/api/users").text.contains("anna@example.com")
    }

    @Test(
        "refuses what cannot be, says why and changes nothing",
        arguments: [
            (["user", "add", "owner@example.com"], "long enough\n", "already"),
            (["user", "add", "not-an-address"], "long enough\n", "no e-mail address"),
            (["user", "add", "x@example.com"], "short\n", "8–72 bytes"),
            (["user", "add", "x@example.com"], "", "no password"),
            (["user", "add", "x@example.com", "--role", "owner"], "long enough\n", "owner"),
            (["user", "add", "x@example.com", "--role", "king"], "long enough\n", "no role"),
            (["user", "passwd", "nobody@example.com"], "long enough\n", "no user"),
            (["user", "remove", "owner@example.com"], "", "owner"),
            (["user", "role", "owner@example.com", "member"], "", "owner"),
        ])
    func refusals(arguments: [String], input: String, words: String) async throws {
        try await AgentProcess.run { agent in
            let outcome = try await agent.command(arguments, input: input)
            #expect(outcome.code != 0, "\(outcome)")
            #expect("\(outcome)".contains(words), "\(outcome)")
            let users = try JSONValue.parse(try await agent.successfully("user", "list", "--json")).arrayValue
            #expect(users?.count == 1)
            #expect(users?.first?["role"] == "owner")
        }
    }

    @Test(
        "run by root before the service's first start, leaves the store to the user whose directory it is",
        .enabled(if: geteuid() == 0)
    )
    func madeByRoot() async throws {
        try await TemporaryDirectory.run { directory in
            let data = directory.path("data")
            #expect(mkdir(data, 0o700) == 0 && chown(data, 12_345, 12_345) == 0)
            let outcome = try await AgentProgram.run(
                ["user", "add", "owner@example.com"], environment: ["DATA_DIR": data], input: "long enough\n",
                in: directory
            )
            #expect(outcome.code == 0, "\(outcome)")
            let names = try FileManager.default.contentsOfDirectory(atPath: data)
            #expect(names.contains("station.sqlite") && names.contains("secrets.json"))
            for name in names {
                var facts = stat()
                #expect(stat("\(data)/\(name)", &facts) == 0 && facts.st_uid == 12_345, "\(name)")
            }
        }
    }
}
