import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("A station with a mail server")
struct MailTests {
    private static let account: JSONValue = ["email": "ada@example.org", "password": "a password of Ada's"]

    /// A station that sends its mail to a port, not set up yet.
    private static func run(
        port: Int, secure: String? = nil, _ body: (AgentProcess, HTTPProbe) async throws -> Void
    ) async throws {
        var setup = AgentProcess.Setup(
            environment: [
                "SMTP_URL": "smtp://me%40home:hunter2%2F@127.0.0.1:\(port)",
                "SMTP_FROM": "Küche <station@home.example>",
            ],
            startsAtOnce: false)
        setup.environment["SMTP_CA_FILE"] = secure
        try await AgentProcess.run(setup) { agent in
            try await agent.launch()
            try await eventually("the station says ok") {
                guard LoopbackPort.accepts(agent.port) else { return false }
                return try await agent.health().word == "ok"
            }
            try await body(agent, HTTPProbe(port: agent.port))
        }
    }

    @Test("sends the code that verifies an account, once, and shows it to nobody else")
    func code() async throws {
        let setup = SMTPServerProcess.Setup(security: .startTLS, user: "me@home", password: "hunter2/")
        try await SMTPServerProcess.run(setup) { server in
            try await Self.run(port: server.port, secure: server.caFile) { agent, stranger in
                #expect(try await stranger.post("/api/auth/register", json: Self.account).status == 201)
                #expect(try await stranger.post("/api/auth/login", json: Self.account).status == 400)
                try await eventually("the code comes") { try server.received.count == 1 }
                let mail = try #require(try server.received.first)
                #expect(mail.isSecure)
                #expect(mail.user == "me@home")
                #expect(mail.recipients == ["ada@example.org"])
                #expect(mail.headers["From"] == "Küche <station@home.example>")
                let code = try #require(mail.text.split(separator: "\n").first.map(String.init))
                let proof: JSONValue = ["email": "ada@example.org", "code": .string(code)]
                #expect(try await stranger.post("/api/auth/verify-otp", json: proof).status == 200)
                #expect(try await stranger.post("/api/auth/login", json: Self.account).status == 200)
                try await eventually("it is counted") {
                    try await agent.metrics()[#"station_mails_total{fate="delivered"}"#] == 1
                }
                #expect(try await agent.stop() == 0)
                #expect(agent.log.contains("an e-mail was handed to the mail server"))
                for secret in [code, "hunter2", "ada@"] { #expect(!agent.log.contains(secret)) }
                #expect(try server.received.count == 1)
            }
        }
    }

    @Test("that does not answer lets nobody wait, and stops in time")
    func hanging() async throws {
        try await FakePeer.run(.silent) { peer in
            try await Self.run(port: peer.port) { agent, stranger in
                #expect(try await stranger.post("/api/auth/register", json: Self.account).status == 201)
                try await eventually("the mail is under way") { peer.openConnections == 1 }
                let code = try await agent.stop()
                #expect(code == 0)
                #expect(agent.log.contains("an e-mail was dropped: the station stops"))
                #expect(!agent.log.contains("hunter2"))
            }
        }
    }
}
