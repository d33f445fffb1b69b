import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The devices of a place (contract 2, "Places, sensors, actuators, thresholds, alerts").
struct PlaceDeviceRoutes: Sendable {
    static let path = "/api/places/{place}/devices"

    let hub: StationHub
    let commander: DeviceCommander
    let logins: any LoginProjection

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        let name: (String, Schema) = ("name", .name(upTo: StationHub.maximumNameLength))
        book.add(
            .get, Self.path, by: hooks.placeMember,
            Operation(
                "listPlaceDevices", .places, "The devices of a place, newest first.", query: PlaceWindow.parameters,
                answers: [.ok("A page of them.", PlaceWindow.schema(of: .placeDevice))]
            ),
            use: self.list
        )
        book.add(
            .post, Self.path, by: hooks.placeManager,
            Operation(
                "addPlaceDevice", .places, "Adds a device to a place; its token is shown this once.",
                body: .json(.body([name])),
                answers: [.created("Its id and its token.", .object([("device_id", .uuid), ("token", .string)]))],
                refusals: [409]
            ),
            use: self.create
        )
        book.add(
            .get, "\(Self.path)/{device}", by: hooks.placeMember,
            Operation(
                "getPlaceDevice", .places, "One device with its sensors and actuators.",
                answers: [.ok("The device.", .placeDeviceDetails)]
            ),
            use: self.show
        )
        book.add(
            .put, "\(Self.path)/{device}", by: hooks.placeManager,
            Operation(
                "changePlaceDevice", .places, "Renames a device.", body: .json(.body([name])),
                answers: [.ok("Its id.", .object([("device_id", .uuid)]))]
            ),
            use: self.change
        )
        book.add(
            .delete, "\(Self.path)/{device}", by: hooks.placeManager,
            Operation(
                "removePlaceDevice", .places, "Removes a device with its history.",
                answers: [.ok("It is gone.", .successWithWarnings)]
            ),
            use: self.remove
        )
        self.addActions(to: &book, hooks)
    }

    private func addActions(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .post, "\(Self.path)/{device}/regenerate-token", by: hooks.placeManager,
            Operation(
                "regenerateDeviceToken", .places, "Makes a new token for a device; the old one is dead at once.",
                answers: [.ok("The new token, shown this once.", .object([("token", .string)]))]
            ),
            use: self.renewToken
        )
        book.add(
            .post, "\(Self.path)/{device}/command", by: hooks.placeManager,
            Operation(
                "setActuator", .places, "Sets an actuator; success once the broker took it.",
                body: .json(.body([("actuator_key", .text(1...Sensor.maximumKeyLength)), ("value", .string)])),
                answers: [.ok("The broker took it.", .success)]
            ),
            use: self.command
        )
    }

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        let window = query.placeWindow()
        try query.finish()
        var filter = DeviceFilter()
        filter.placeID = try await self.hub.place(context.placeID).id
        let devices = self.hub.devices(filter)
        return window.response(window.cut(devices).map { .object($0.placeSummary) }, total: devices.count)
    }

    @Sendable private func create(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let place = try await self.hub.place(context.placeID)
        let name = try await self.name(in: request)
        let (device, token) = try await self.hub.addDevice(NewDevice(name: name, placeID: place.id))
        // Whoever reads the token may connect with it at once.
        await self.logins.settle()
        return .json(
            ["device_id": .string(device.id.description), "token": .string(token.revealed)], status: .created,
            headers: [.location: "/api/places/\(place.id)/devices/\(device.id)"]
        )
    }

    @Sendable private func show(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        var json = device.placeSummary
        json["created_at"] = JSONValue(device.createdAt)
        json["updated_at"] = JSONValue(device.updatedAt)
        json["sensors"] = .array(try await self.hub.sensors(of: device.id).map(\.json))
        json["actuators"] = .array(try await self.hub.actuators(of: device.id).map(\.json))
        return .json(.object(json))
    }

    @Sendable private func change(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        var changes = DeviceChanges()
        changes.name = try await self.name(in: request)
        _ = try await self.hub.updateDevice(device.id, changes)
        return .json(["device_id": .string(device.id.description)])
    }

    private func name(in request: Request) async throws -> String {
        var body = BodyReader(try await BodyReader.object(of: request))
        let name = body.name("name", .required, maximumLength: StationHub.maximumNameLength)
        try body.finish()
        return name ?? ""
    }

    @Sendable private func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        try await self.hub.removeDevice(context.placeDevice(self.hub).id)
        return .success(warnings: [])
    }

    @Sendable private func renewToken(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let token = try await self.hub.renewToken(of: context.placeDevice(self.hub).id)
        await self.logins.settle()
        return .json(["token": .string(token.revealed)])
    }

    @Sendable private func command(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        var body = BodyReader(try await BodyReader.object(of: request))
        let key = body.text("actuator_key", .required) ?? ""
        let value = body.text("value", .required) ?? ""
        try body.finish()
        do {
            try await self.commander.set(key, to: value, of: device.id)
        } catch let refusal as CommandRefusal {
            throw APIError.invalidFields([FieldFault(.body, refusal.field, .value, refusal.message)])
        }
        return .success
    }
}
