import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import StationCore
import StationData

/// The devices: list, make, show, change, remove, command, renew the token (contract 2, "Devices").
struct DeviceRoutes: Sendable {
    static let maximumSearchLength = 255

    let hub: StationHub
    let commander: DeviceCommander
    let logins: any LoginProjection
    private let cache = DeviceListCache()

    init(hub: StationHub, commander: DeviceCommander, logins: any LoginProjection) {
        self.hub = hub
        self.commander = commander
        self.logins = logins
    }

    @Sendable func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        if request.uri.query == nil { return self.plainList(try context.access(self.hub).visiblePlaces) }
        var query = try QueryReader(request)
        var filter = DeviceFilter()
        filter.placeID = query.identifier("placeId", of: Place.self)
        filter.zoneID = query.identifier("zoneId", of: Zone.self)
        filter.type = query.text("type", maximumLength: Self.maximumSearchLength)
        filter.status = query.choice("status", of: DeviceStatus.self)
        filter.text = query.text("q", maximumLength: Self.maximumSearchLength)
        let window = query.window()
        try query.finish()
        filter.visiblePlaces = try context.access(self.hub).visiblePlaces
        let devices = self.hub.devices(filter)
        return window.response(window.cut(devices).map(\.json), total: devices.count)
    }

    private func plainList(_ places: Set<PlaceID>?) -> Response {
        let list = self.cache.list(at: self.hub.deviceRevision, of: places) {
            var filter = DeviceFilter()
            filter.visiblePlaces = places
            let devices = self.hub.devices(filter)
            let shown = JSONValue.array(devices.prefix(ListWindow.maximumPlainCount).map(\.json))
            return DeviceListCache.List(body: ByteBuffer(bytes: shown.serialized()), total: devices.count)
        }
        return .json(text: list.body, headers: [.totalCount: "\(list.total)"])
    }

    @Sendable func create(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let new = NewDevice(
            name: body.name("name", .required, maximumLength: StationHub.maximumNameLength) ?? "",
            type: body.deviceType("type", .optional, in: self.hub.registry),
            externalID: body.externalID("externalId", .optional),
            placeID: body.identifier("placeId", of: Place.self, .optional),
            zoneID: body.identifier("zoneId", of: Zone.self, .optional)
        )
        try body.finish()
        let (device, token) = try await self.hub.addDevice(new)
        // Whoever reads the token may connect with it at once.
        await self.logins.settle()
        return .json(
            ["device": device.json, "token": .string(token.revealed)], status: .created,
            headers: [.location: "/api/devices/\(device.id)"]
        )
    }

    @Sendable func show(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: Device.self, orElse: APIError.deviceNotFound)
        return .json(try context.access(self.hub).device(id).json)
    }

    @Sendable func change(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: Device.self, orElse: APIError.deviceNotFound)
        var body = BodyReader(try await BodyReader.object(of: request))
        var changes = DeviceChanges()
        changes.name = body.name("name", .unchanged, maximumLength: StationHub.maximumNameLength)
        changes.type = body.deviceType("type", .unchanged, in: self.hub.registry)
        changes.placeID = body.identifier("placeId", of: Place.self, .unchanged)
        changes.zoneID = body.removableIdentifier("zoneId", of: Zone.self)
        try body.finish()
        return .json(try await self.hub.updateDevice(id, changes).json)
    }

    @Sendable func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: Device.self, orElse: APIError.deviceNotFound)
        var query = try QueryReader(request)
        let isReset = query.flag("factoryReset") ?? false
        try query.finish()
        if isReset {
            // First: once it is removed the broker refuses it, and it would never hear of it.
            _ = try await self.commander.send(["action": "factory_reset"], to: id)
        }
        try await self.hub.removeDevice(id)
        return Response(status: .noContent)
    }

    @Sendable func command(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: Device.self, orElse: APIError.deviceNotFound)
        let access = try context.access(self.hub)
        guard try access.mayCommand(in: access.device(id).placeID) else { throw APIError.forbidden }
        let body = try await BodyReader.object(of: request)
        let command = try await self.commander.send(body, to: id)
        var answer: JSONObject = ["status": "sent", "commandId": .string(command.id.description)]
        if !command.isRecorded { answer["recorded"] = false }
        return .json(.object(answer), status: .accepted)
    }

    @Sendable func renewToken(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: Device.self, orElse: APIError.deviceNotFound)
        let token = try await self.hub.renewToken(of: id)
        await self.logins.settle()
        return .json(["deviceId": .string(id.description), "token": .string(token.revealed)])
    }
}
