import HTTPTypes
import StationCore
import StationData

extension DeviceRoutes {
    func add(to book: inout RouteBook, _ hooks: Hooks) {
        self.addAll(to: &book, hooks)
        self.addOne(to: &book, hooks)
    }

    private func addAll(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/devices", by: hooks.user,
            Operation(
                "listDevices", .devices, "The devices of the caller's places, newest first.", query: Self.filter,
                answers: [.list("The devices.", of: .device)]
            ),
            use: self.list
        )
        book.add(
            .post, "/api/devices", by: hooks.admin,
            Operation(
                "addDevice", .devices, "Adds a device; its token is shown this once.",
                body: .json(
                    .body(
                        [
                            ("name", .name(upTo: StationHub.maximumNameLength)), ("type", self.typeID.nullable),
                            ("externalId", .externalID.nullable), ("placeId", .uuid.nullable),
                            ("zoneId", .uuid.nullable),
                        ], optional: ["type", "externalId", "placeId", "zoneId"]
                    )
                ),
                answers: [.created("The device with its token.", .newDevice)], refusals: [409]
            ),
            use: self.create
        )
    }

    private func addOne(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/devices/{id}", by: hooks.user,
            Operation("getDevice", .devices, "One device.", answers: [.ok("The device.", .device)]), use: self.show
        )
        book.add(
            .patch, "/api/devices/{id}", by: hooks.admin,
            Operation(
                "changeDevice", .devices, "Renames or moves a device; what is left out stays.",
                body: .json(
                    .patch([
                        ("name", .name(upTo: StationHub.maximumNameLength)), ("type", self.typeID),
                        ("placeId", .uuid), ("zoneId", .uuid.nullable),
                    ])
                ),
                answers: [.ok("The device as it now is.", .device)]
            ),
            use: self.change
        )
        book.add(
            .delete, "/api/devices/{id}", by: hooks.admin,
            Operation(
                "removeDevice", .devices, "Removes a device; it is told nothing, unless it is to be wiped.",
                query: [.init("factoryReset", .boolean, "Whether the device is wiped before.")],
                answers: [.noContent("It is removed.")], refusals: [400]
            ),
            use: self.remove
        )
        book.add(
            .post, "/api/devices/{id}/command", by: hooks.user,
            Operation(
                "commandDevice", .devices, "Tells a device to do something; 202 once the broker took it.",
                body: .json(.command),
                answers: [
                    .accepted(
                        "The broker took it; `recorded` is false while the disk takes nothing, and missing else.",
                        .object(
                            [("status", .choice(["sent"])), ("commandId", .uuid), ("recorded", .boolean)],
                            optional: ["recorded"]
                        )
                    )
                ], refusals: [400, 403]
            ),
            use: self.command
        )
        book.add(
            .post, "/api/devices/{id}/token", by: hooks.admin,
            Operation(
                "renewDeviceToken", .devices, "Makes a new token for a device; the old one is dead at once.",
                answers: [.ok("The new token, shown this once.", .object([("deviceId", .uuid), ("token", .string)]))]
            ),
            use: self.renewToken
        )
    }

    private var typeID: Schema { .choice(self.hub.registry.types.map(\.id)) }

    private static let filter: [Operation.Parameter] =
        [
            .init("placeId", .uuid, "Only those of this place."), .init("zoneId", .uuid, "Only those of this room."),
            .init("type", .text(0...Self.maximumSearchLength), "Only those of this type."),
            .init("status", .choice(DeviceStatus.self), "Only those in this status."),
            .init("q", .text(0...Self.maximumSearchLength), "Part of the name or of the external id."),
        ] + Operation.Parameter.window
}

extension Schema {
    /// What a device's type allows is known when the device is.
    fileprivate static let command: Schema = {
        var schema = Schema.object([("action", .text(1...DeviceCommand.maximumActionLength))])
        schema.json["additionalProperties"] = true
        return schema
    }()
}
