import LabCloud
import StationCore
import StationTestSupport
import Testing

/// A station with a cloud: the built binary as a daemon, and a lab cloud in the test's own process.
///
///     try await CloudScene.run { scene in
///         try await scene.claim()
///         … scene.lab.call("devices.snapshot") … scene.agent.get("/api/cloud/status") …
///     }
struct CloudScene: Sendable {
    let lab: LabCloud
    let agent: AgentProcess
    /// As the station calls itself towards the cloud.
    let chipID: String

    /// Makes a station that nobody has claimed and that waits for that.
    static func run(
        _ setup: AgentProcess.Setup = AgentProcess.Setup(), isolation: isolated (any Actor)? = #isolation,
        _ body: (CloudScene) async throws -> Void
    ) async throws {
        try await LabCloud.run { lab in
            var setup = setup
            setup.environment["CLOUD_HOST"] = "ws://127.0.0.1:\(lab.port)"
            try await AgentProcess.run(setup) { agent in
                let offer = try await agent.get("/api/cloud/claim")
                let chipID = try #require(offer["chipId"]?.stringValue)
                try await body(CloudScene(lab: lab, agent: agent, chipID: chipID))
            }
        }
    }

    // MARK: The station's side

    /// What the station says of its link.
    func status() async throws -> JSONValue {
        try await self.agent.get("/api/cloud/status")
    }

    /// Waits until the station says that its link is in a state.
    func wait(for state: JSONValue) async throws {
        try await eventually("the link is \(state)") { try await self.status()["state"] == state }
    }

    /// What the owner would show the cloud.
    func claimSecret() async throws -> String {
        try #require(try await self.agent.get("/api/cloud/claim")["claimSecret"]?.stringValue)
    }

    /// Waits until the cloud has everything that was meant for it.
    func waitUntilTold() async throws {
        try await eventually("the cloud has all") { try await self.status()["outboxDepth"] == 0 }
    }

    // MARK: The cloud's side

    /// What the cloud knows of the station.
    var known: LabStation {
        get throws { try #require(self.lab.station(self.chipID)) }
    }

    /// Waits until the cloud sees the station so.
    func wait(for presence: LabStation.Presence) async throws {
        try await eventually("the cloud sees it \(presence)") {
            self.lab.station(self.chipID)?.presence == presence
        }
    }

    /// An owner claims the station with what its code says; returns when the station has come back with its token.
    func claim() async throws {
        let secret = try await self.claimSecret()
        try await self.lab.claim(self.chipID, secret: Secret(secret))
        try await self.wait(for: "authenticated")
        try await self.wait(for: LabStation.Presence.authenticated)
    }

    /// Calls a method that must succeed, and returns its result.
    @discardableResult
    func call(_ method: String, _ params: JSONValue? = nil) async throws -> JSONValue {
        let reply = try await self.lab.call(method, params, of: self.chipID)
        guard case .result(let result) = reply else {
            Issue.record("\(method): \(reply)")
            return .null
        }
        return result
    }

    /// Sends a message about identity; returns when the station has dealt with it.
    func tell(_ message: JSONObject) async throws {
        try await self.lab.send(message, to: self.chipID)
        // Served after the message before it.
        try await self.call("device_types.list")
    }

    /// What the station has told by notifications of these methods, in their order.
    func told(_ methods: Set<String>) -> [JSONValue] {
        self.lab.messages(from: self.chipID).filter { methods.contains($0["method"]?.stringValue ?? "") }
    }

    /// The params of the last notification of a method.
    func last(_ method: String) -> JSONValue? {
        self.told([method]).last?["params"]
    }
}
