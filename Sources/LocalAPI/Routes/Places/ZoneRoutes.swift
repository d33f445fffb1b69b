import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The rooms (contract 2, "Devices"): everybody sees those of their places, owner and admins of the station change them.
struct ZoneRoutes: Sendable {
    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        let name: (String, Schema) = ("name", .name(upTo: Zone.maximumNameLength))
        book.add(
            .get, "/api/zones", by: hooks.user,
            Operation(
                "listZones", .places, "The rooms of the caller's places, oldest first.",
                query: [.init("placeId", .uuid, "Only those of this place.")] + Operation.Parameter.window,
                answers: [.list("The rooms.", of: .zone)]
            ),
            use: self.list
        )
        book.add(
            .post, "/api/zones", by: hooks.admin,
            Operation(
                "addZone", .places, "Adds a room, to the default place unless another is named.",
                body: .json(.body([name, ("placeId", .uuid.nullable)], optional: ["placeId"])),
                answers: [.created("The room.", .zone)], refusals: [409]
            ),
            use: self.create
        )
        book.add(
            .get, "/api/zones/{id}", by: hooks.user,
            Operation("getZone", .places, "One room.", answers: [.ok("The room.", .zone)]), use: self.show
        )
        book.add(
            .patch, "/api/zones/{id}", by: hooks.admin,
            Operation(
                "changeZone", .places, "Renames a room.", body: .json(.patch([name])),
                answers: [.ok("The room as it now is.", .zone)]
            ),
            use: self.change
        )
        book.add(
            .delete, "/api/zones/{id}", by: hooks.admin,
            Operation(
                "removeZone", .places, "Deletes a room; its devices stay, in no room.",
                answers: [.noContent("It is gone.")]
            ),
            use: self.remove
        )
    }

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        let place = query.identifier("placeId", of: Place.self)
        let window = query.window()
        try query.finish()
        let access = try context.access(self.hub)
        let zones = try await self.hub.zones().filter { zone in
            access.sees(zone.placeID) && (place == nil || zone.placeID == place)
        }
        return window.response(window.cut(zones).map(\.json), total: zones.count)
    }

    @Sendable private func create(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let name = body.name("name", .required, maximumLength: Zone.maximumNameLength)
        let place = body.identifier("placeId", of: Place.self, .optional)
        try body.finish()
        let zone = try await self.hub.addZone(name: name ?? "", in: place)
        return .json(zone.json, status: .created, headers: [.location: "/api/zones/\(zone.id)"])
    }

    @Sendable private func show(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let zone = try await self.hub.zone(self.zoneID(context))
        guard try context.access(self.hub).sees(zone.placeID) else {
            throw StoreError.notFound(.zone, id: zone.id.description)
        }
        return .json(zone.json)
    }

    @Sendable private func change(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try self.zoneID(context)
        var body = BodyReader(try await BodyReader.object(of: request))
        let name = body.name("name", .unchanged, maximumLength: Zone.maximumNameLength)
        try body.finish()
        guard let name else { return .json(try await self.hub.zone(id).json) }
        return .json(try await self.hub.renameZone(id, to: name).json)
    }

    @Sendable private func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        try await self.hub.removeZone(self.zoneID(context))
        return Response(status: .noContent)
    }

    private func zoneID(_ context: LocalAPIContext) throws(APIError) -> ZoneID {
        try context.pathID("id", of: Zone.self, orElse: APIError.notFound(.zone))
    }
}
