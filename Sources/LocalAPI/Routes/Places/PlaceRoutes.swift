import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The places themselves (contract 2, "Places, sensors, actuators, thresholds, alerts").
struct PlaceRoutes: Sendable {
    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/places", by: hooks.user,
            Operation(
                "listPlaces", .places, "The caller's places, oldest first.",
                answers: [.ok("The places.", .object([("places", .array(.place))]))]
            ),
            use: self.list
        )
        book.add(
            .post, "/api/places", by: hooks.user,
            Operation(
                "addPlace", .places, "Makes a place; the caller owns it.",
                body: .json(.body(Self.fields, optional: ["description"])),
                answers: [.created("Its id.", .object([("place_id", .uuid)]))], refusals: [409]
            ),
            use: self.create
        )
        book.add(
            .get, "/api/places/{place}", by: hooks.placeMember,
            Operation("getPlace", .places, "One place.", answers: [.ok("The place.", .place)]), use: self.show
        )
        book.add(
            .put, "/api/places/{place}", by: hooks.placeManager,
            Operation(
                "changePlace", .places, "Renames a place; what is left out stays.",
                body: .json(.patch(Self.fields)), answers: [.ok("Its id.", .object([("place_id", .uuid)]))]
            ),
            use: self.change
        )
        book.add(
            .delete, "/api/places/{place}", by: hooks.placeOwner,
            Operation(
                "removePlace", .places, "Deletes a place with all that is in it; never the default place.",
                answers: [.ok("It is gone.", .successWithWarnings)], refusals: [409]
            ),
            use: self.remove
        )
    }

    private static let fields: [(String, Schema)] = [
        ("name", .name(upTo: Place.maximumNameLength)), ("description", .text(0...Place.maximumDescriptionLength)),
    ]

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        try query.finish()
        let access = try context.access(self.hub)
        let places = try await self.hub.places().compactMap { place in
            access.role(in: place.id).map(place.json(for:))
        }
        return .json(["places": .array(places)])
    }

    @Sendable private func create(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let name = body.name("name", .required, maximumLength: Place.maximumNameLength)
        let description = body.text("description", .unchanged)
        try body.finish()
        let place = try await self.hub.addPlace(
            name: name ?? "", description: description ?? "", owner: context.user.id
        )
        return .json(
            ["place_id": .string(place.id.description)], status: .created,
            headers: [.location: "/api/places/\(place.id)"]
        )
    }

    @Sendable private func show(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let place = try await self.hub.place(context.placeID)
        return .json(place.json(for: try context.placeRole(self.hub)))
    }

    @Sendable private func change(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let name = body.name("name", .unchanged, maximumLength: Place.maximumNameLength)
        let description = body.text("description", .unchanged)
        try body.finish()
        let place = try await self.hub.updatePlace(context.placeID, name: name, description: description)
        return .json(["place_id": .string(place.id.description)])
    }

    @Sendable private func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let warnings = try await self.hub.removePlace(context.placeID)
        return .success(warnings: warnings)
    }
}

extension Response {
    /// `{success: true}`, as the routes of places answer.
    static var success: Response { .json(["success": true]) }

    static func success(warnings: [String]) -> Response {
        .json(["success": true, "warnings": .array(warnings.map(JSONValue.string))])
    }
}
