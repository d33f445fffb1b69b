import StationCore
import StationTestSupport
import Testing

/// A fresh station whose people came in by the API alone, as `docs/api-tour.md` tells it: Ada owns the station, Bob looks
/// on in her place, Carol has an account and no business there.
struct APITour: Sendable {
    /// Somebody who has signed in.
    struct Person: Sendable {
        static let password: JSONValue = "correct horse battery"

        let id: String
        let email: JSONValue
        let accessToken: Secret
        let refreshToken: Secret
        let api: HTTPProbe
    }

    let agent: AgentProcess
    let ada: Person
    let bob: Person
    let carol: Person
    let place: String
    let device: String
    let deviceToken: Secret

    /// The device among those of its place.
    var devicePath: String { "/api/places/\(self.place)/devices/\(self.device)" }

    /// Makes the station, walks the first steps of the tour and runs `body`.
    static func run(
        isolation: isolated (any Actor)? = #isolation, _ body: (APITour) async throws -> Void
    ) async throws {
        var setup = AgentProcess.Setup(startsAtOnce: false)
        setup.isEnforced = true
        try await AgentProcess.run(setup) { agent in
            try await agent.launch()
            try await eventually("the station listens") { LoopbackPort.accepts(agent.port) }
            try await agent.waitForHealth("ok")
            try await body(try await APITour(on: agent))
        }
    }

    private init(on agent: AgentProcess) async throws {
        let anybody = HTTPProbe(port: agent.port)
        try #require(try await anybody.get("/api/auth/status").json["setupRequired"] == true)
        let ada = try await Self.register("ada", on: anybody)
        try #require(try await anybody.get("/api/auth/status").json["setupRequired"] == false)
        self.agent = agent
        self.ada = ada

        let made = try await ada.api.post("/api/places", json: ["name": "Summer house", "description": "By the lake"])
        try #require(made.status == 201, "\(made.text)")
        self.place = try #require(made.json["place_id"]?.stringValue)

        self.bob = try await Self.register("bob", on: anybody, invitedBy: ada)
        self.carol = try await Self.register("carol", on: anybody, invitedBy: ada)
        let member: JSONValue = ["email": self.bob.email, "role": "viewer"]
        let joined = try await ada.api.post("/api/places/\(self.place)/members", json: member)
        try #require(joined.status == 200, "\(joined.text)")

        let added = try await ada.api.post("/api/places/\(self.place)/devices", json: ["name": "Boiler"])
        try #require(added.status == 201, "\(added.text)")
        self.device = try #require(added.json["device_id"]?.stringValue)
        self.deviceToken = Secret(try #require(added.json["token"]?.stringValue))
    }

    /// Registers somebody, with an invitation unless it is the first of all, and signs them in.
    private static func register(
        _ name: String, on anybody: HTTPProbe, invitedBy host: Person? = nil
    ) async throws -> Person {
        let email = JSONValue.string("\(name)@example.com")
        var account: JSONObject = ["email": email, "password": Person.password, "name": .string(name)]
        if let host {
            try #require(try await anybody.post("/api/auth/register", json: .object(account)).status == 403)
            let invitation = try await host.api.post(
                "/api/user-management/members", json: ["email": email, "role": "member"]
            )
            try #require(invitation.status == 201, "\(invitation.text)")
            account["inviteToken"] = try invitation.json["inviteToken"]
        }
        let registered = try await anybody.post("/api/auth/register", json: .object(account))
        try #require(registered.status == 201, "\(registered.text)")
        let id = try #require(registered.json["userId"]?.stringValue)
        return try await Self.signIn(id, email, on: anybody)
    }

    private static func signIn(_ id: String, _ email: JSONValue, on anybody: HTTPProbe) async throws -> Person {
        let answer = try await anybody.post("/api/auth/login", json: ["email": email, "password": Person.password])
        let accessToken = Secret(try #require(answer.json["accessToken"]?.stringValue, "\(answer.text)"))
        return Person(
            id: id, email: email, accessToken: accessToken,
            refreshToken: Secret(try #require(answer.json["refreshToken"]?.stringValue)),
            api: HTTPProbe(port: anybody.port, token: accessToken)
        )
    }

    // MARK: Steps that come again

    /// Somebody who shows this token, or none.
    func caller(_ token: Secret?) -> HTTPProbe { HTTPProbe(port: self.agent.port, token: token) }

    /// Shows a refresh token.
    func refresh(_ token: Secret) async throws -> HTTPAnswer {
        try await self.caller(nil).post("/api/auth/refresh", json: ["refreshToken": .string(token.revealed)])
    }

    func signOut(_ token: Secret) async throws -> HTTPAnswer {
        try await self.caller(nil).post("/api/auth/logout", json: ["refreshToken": .string(token.revealed)])
    }

    /// Shows the token of a device, or what somebody takes for one.
    func report(_ token: Secret) async throws -> HTTPAnswer {
        try await self.caller(nil).send(
            "POST", "/api/device/state",
            headers: ["X-Device-Token": token.revealed, "Content-Type": "application/json"],
            body: Array(#"{"state":{"temperature":59}}"#.utf8)
        )
    }
}
