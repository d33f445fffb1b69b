import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The actuators of a device (contract 2, "Places, sensors, actuators, thresholds, alerts"). `null` and 0 are different
/// bounds, and what is left out of a change stays.
struct ActuatorRoutes: Sendable {
    private static let path = "\(PlaceDeviceRoutes.path)/{device}/actuators"

    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        let answer = Schema.object([("actuator_id", .uuid)])
        let fields = Schema.partFields + Self.rangeFields
        book.add(
            .get, Self.path, by: hooks.placeMember,
            Operation(
                "listActuators", .sensors, "What is driven on a device, oldest first.",
                answers: [.ok("The actuators.", .object([("actuators", .array(.actuator))]))]
            ),
            use: self.list
        )
        book.add(
            .post, Self.path, by: hooks.placeManager,
            Operation(
                "addActuator", .sensors, "Adds an actuator.",
                body: .json(
                    .body(
                        [("key", .partKey), ("value_type", .choice(Actuator.ValueType.self))] + fields,
                        optional: Set(["value_type"] + fields.map(\.0)).subtracting(["name"])
                    )
                ),
                answers: [.created("Its id.", answer)], refusals: [409]
            ),
            use: self.create
        )
        book.add(
            .put, "\(Self.path)/{actuator}", by: hooks.placeManager,
            Operation(
                "changeActuator", .sensors,
                "Changes an actuator; what is left out stays, key and type never change.",
                body: .json(.patch(fields)), answers: [.ok("Its id.", answer)]
            ),
            use: self.change
        )
        book.add(
            .delete, "\(Self.path)/{actuator}", by: hooks.placeManager,
            Operation(
                "removeActuator", .sensors, "Deletes an actuator.", answers: [.ok("It is gone.", .success)]
            ),
            use: self.remove
        )
    }

    private static let rangeFields: [(String, Schema)] = [
        ("min_value", Schema.number.nullable), ("max_value", Schema.number.nullable), ("step", Schema.number.nullable),
        ("enum_options", Schema.array(.text(1...ActuatorRange.maximumOptionLength)).nullable),
    ]

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let actuators = try await self.hub.actuators(of: context.placeDevice(self.hub).id)
        return .json(["actuators": .array(actuators.map(\.json))])
    }

    @Sendable private func create(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        var body = BodyReader(try await BodyReader.object(of: request))
        var new = NewActuator(
            key: body.text("key", .required) ?? "",
            name: body.name("name", .required, maximumLength: Sensor.maximumNameLength) ?? ""
        )
        new.valueType = body.choice("value_type", of: Actuator.ValueType.self, .optional) ?? new.valueType
        new.unitLabel = body.text("unit_label", .optional) ?? new.unitLabel
        new.precision = body.wholeNumber("precision", .optional) ?? new.precision
        new.range = ActuatorRange(
            minimum: body.number("min_value", .optional), maximum: body.number("max_value", .optional),
            step: body.number("step", .optional), options: body.texts("enum_options", .optional)
        )
        try body.finish()
        let actuator = try await self.hub.addActuator(new, to: device.id)
        return .json(["actuator_id": .string(actuator.id.description)], status: .created)
    }

    @Sendable private func change(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        let id = try self.actuatorID(context)
        var body = BodyReader(try await BodyReader.object(of: request))
        let changes = body.partChanges()
        var range = RangeChanges()
        range.minimum = body.removable("min_value") { $0.number("min_value", .unchanged) }
        range.maximum = body.removable("max_value") { $0.number("max_value", .unchanged) }
        range.step = body.removable("step") { $0.number("step", .unchanged) }
        range.options = body.removable("enum_options") { $0.texts("enum_options", .unchanged) }
        try body.finish()
        _ = try await self.hub.updateActuator(id, of: device.id, changes, range: range)
        return .json(["actuator_id": .string(id.description)])
    }

    @Sendable private func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        try await self.hub.removeActuator(self.actuatorID(context), of: device.id)
        return .success
    }

    private func actuatorID(_ context: LocalAPIContext) throws(APIError) -> ActuatorID {
        try context.pathID("actuator", of: Actuator.self, orElse: APIError.notFound(.actuator))
    }
}
