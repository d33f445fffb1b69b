import HTTPTypes
import HummingbirdCore
import StationCore

/// The station's host itself (contract 2, `/api/system`).
struct SystemRoutes: Sendable {
    let desk: SystemDesk
    /// Of the agent.
    let version: String

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/system/info", by: hooks.host,
            Operation(
                "getSystemInfo", .host, "What the station's machine is and how it is; what it cannot tell is null.",
                answers: [.ok("The machine.", .systemInfo)]
            ),
            use: self.info
        )
        book.add(
            .post, "/api/system/restart", by: hooks.host,
            Operation(
                "restartSystem", .host,
                "Restarts the agent or the whole machine, once the answer is sent. A machine that does not restart "
                    + "after all says why as lastRestart of GET /api/system/info.",
                body: .json(.body([("target", .choice(RestartTarget.self))])),
                answers: [.accepted("It goes now.", .object([("target", .choice(RestartTarget.self))]))],
                refusals: [502]
            ),
            use: self.restart
        )
    }

    @Sendable private func info(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let info = await self.desk.info()
        var json = info.json
        json["versions"] = ["agent": .string(self.version), "kernel": JSONValue(info.kernel)]
        json["lastRestart"] = self.desk.lastRestart?.json ?? .null
        return .json(.object(json))
    }

    @Sendable private func restart(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let target = body.choice("target", of: RestartTarget.self, .required)
        try body.finish()
        guard let target else { throw APIError.malformedQuery }
        try await self.desk.order(target)
        return .json(["target": .string(target.rawValue)], status: .accepted)
    }
}
