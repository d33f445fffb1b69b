import StationCore
import StationTestSupport
import Testing

@Suite("A restart by the API")
struct RestartTests {
    @Test("ends the daemon with 0 after its answer, losing nothing, so that the service manager starts it anew")
    func agent() async throws {
        try await AgentProcess.run { agent in
            let id = try await agent.addDevice("lamp")
            let lamp = try await agent.play("lamp")
            try await lamp.shakeHands("{}")
            try await lamp.say("state", #"{"state":{"on":true}}"#)
            try await eventually("the report is readable") { try await agent.state(of: id, "on") == .bool(true) }
            let answer = try await agent.api.post("/api/system/restart", json: ["target": "agent"])
            #expect(answer.status == 202, "\(answer.text)")
            #expect(try await agent.ended() == 0)
            try await agent.start()
            #expect(try await agent.state(of: id, "on") == .bool(true))
            #expect(try await agent.stop() == 0)
        }
    }

    @Test("leaves the machine and the daemon alone where nobody can restart the machine")
    func host() async throws {
        try await AgentProcess.run { agent in
            let processID = agent.processID
            let program = HTTPProbe(port: agent.port, token: Secret(AgentProcess.token))
            let answer = try await program.post("/api/system/restart", json: ["target": "host"])
            #expect(answer.status == 503)
            #expect(try answer.json["code"] == "restart_unavailable", "\(answer.text)")
            let network = try await program.get("/api/network")
            #expect(try network.json["code"] == "network_unavailable", "\(network.text)")
            #expect(try await agent.health().word == "ok")
            #expect(agent.processID == processID && agent.isRunning)
            #expect(try await agent.stop() == 0)
        }
    }
}
