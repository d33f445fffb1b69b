import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The station itself and its settings.
struct StationRoutes: Sendable {
    let hub: StationHub
    let stationID: StationID
    let version: String
    let clock: any StationClock
    let startedAt: MonotonicInstant

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/station", by: hooks.user,
            Operation("getStation", .station, "This station.", answers: [.ok("The station.", .station)])
        ) { _, _ in self.answer() }
        book.add(
            .patch, "/api/station", by: hooks.stationOwner,
            Operation(
                "renameStation", .station, "Gives the station another name.",
                body: .json(.patch([("name", .name(upTo: StationHub.maximumStationNameLength))])),
                answers: [.ok("The station.", .station)]
            ),
            use: self.rename
        )
        book.add(
            .get, "/api/settings", by: hooks.admin,
            Operation("getSettings", .station, "All settings.", answers: [.ok("By their keys.", .anyObject)]),
            use: self.settings
        )
        book.add(
            .put, "/api/settings", by: hooks.admin,
            Operation(
                "putSettings", .station, "Sets some settings; the others stay.", body: .json(.settings),
                answers: [.ok("All settings.", .anyObject)]
            ),
            use: self.putSettings
        )
        let setting = Schema.object([("key", .string), ("value", .any)])
        book.add(
            .get, "/api/settings/{key}", by: hooks.admin,
            Operation("getSetting", .station, "One setting.", answers: [.ok("The setting.", setting)]),
            use: self.setting
        )
        book.add(
            .put, "/api/settings/{key}", by: hooks.admin,
            Operation(
                "putSetting", .station, "Sets one setting.", body: .json(.body([("value", .any)])),
                answers: [.ok("The setting.", setting)]
            ),
            use: self.putSetting
        )
    }

    private func answer() -> Response {
        let owner = self.hub.users.first { $0.role == .owner }
        return .json([
            "id": .string(self.stationID.description), "name": .string(self.hub.stationName),
            "owner": owner.map { ["id": .string($0.id.description), "name": .string($0.name)] } ?? .null,
            "version": .string(self.version),
            "uptime": .integer(self.startedAt.duration(to: self.clock.now).components.seconds),
        ])
    }

    @Sendable private func rename(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let name = body.name("name", .unchanged, maximumLength: StationHub.maximumStationNameLength)
        try body.finish()
        if let name { try await self.hub.renameStation(name) }
        return self.answer()
    }

    @Sendable private func settings(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        .json(.object(try await self.hub.settings()))
    }

    @Sendable private func putSettings(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        try await self.hub.set(BodyReader.object(of: request))
        return .json(.object(try await self.hub.settings()))
    }

    @Sendable private func setting(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let key = context.pathText("key")
        guard let value = try await self.hub.settings()[key] else { throw APIError.settingNotFound(key) }
        return .json(["key": .string(key), "value": value])
    }

    @Sendable private func putSetting(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let key = context.pathText("key")
        var body = BodyReader(try await BodyReader.object(of: request))
        let value = body.anything("value")
        try body.finish()
        var settings = JSONObject()
        settings[key] = value
        try await self.hub.set(settings)
        return .json(["key": .string(key), "value": value])
    }
}

extension Schema {
    fileprivate static let station = Schema.object([
        ("id", .string), ("name", .string), ("owner", .object([("id", .uuid), ("name", .string)]).nullable),
        ("version", .string), ("uptime", .integer),
    ]).named("Station")

    fileprivate static let settings = Schema([
        "type": "object", "additionalProperties": true,
        "propertyNames": ["pattern": "^[A-Za-z0-9_\\-]{1,64}$", "not": ["const": "agent"]],
    ])
}
