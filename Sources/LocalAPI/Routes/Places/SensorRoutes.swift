import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The sensors of a device and their thresholds (contract 2, "Places, sensors, actuators, thresholds, alerts").
struct SensorRoutes: Sendable {
    private static let path = "\(PlaceDeviceRoutes.path)/{device}/sensors"

    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        let answer = Operation.Answer.ok("Its id.", .object([("sensor_id", .uuid)]))
        book.add(
            .get, Self.path, by: hooks.placeMember,
            Operation(
                "listSensors", .sensors, "What a device measures, oldest first.",
                answers: [.ok("The sensors.", .object([("sensors", .array(.sensor))]))]
            ),
            use: self.list
        )
        book.add(
            .post, Self.path, by: hooks.placeManager,
            Operation(
                "addSensor", .sensors, "Adds a sensor.",
                body: .json(
                    .body(
                        [("key", .partKey), ("value_type", .choice(Capability.ValueType.self))] + Schema.partFields,
                        optional: ["value_type", "unit_label", "precision"]
                    )
                ),
                answers: [.created("Its id.", .object([("sensor_id", .uuid)]))], refusals: [409]
            ),
            use: self.create
        )
        book.add(
            .put, "\(Self.path)/{sensor}", by: hooks.placeManager,
            Operation(
                "changeSensor", .sensors, "Changes a sensor; what is left out stays, key and type never change.",
                body: .json(.patch(Schema.partFields)), answers: [answer]
            ),
            use: self.change
        )
        book.add(
            .delete, "\(Self.path)/{sensor}", by: hooks.placeManager,
            Operation(
                "removeSensor", .sensors, "Deletes a sensor with its thresholds; their alerts end.",
                answers: [.ok("It is gone.", .success)]
            ),
            use: self.remove
        )
        self.addThresholds(to: &book, hooks)
    }

    private func addThresholds(to book: inout RouteBook, _ hooks: Hooks) {
        let path = "\(Self.path)/{sensor}/thresholds"
        book.add(
            .get, path, by: hooks.placeMember,
            Operation(
                "listThresholds", .alerts, "The limits of a sensor, oldest first.",
                answers: [.ok("The thresholds.", .object([("thresholds", .array(.threshold))]))]
            ),
            use: self.listThresholds
        )
        book.add(
            .post, path, by: hooks.placeManager,
            Operation(
                "addThreshold", .alerts, "Sets a limit; beyond it there is an alert.",
                body: .json(
                    .body(
                        [
                            ("type", .choice(Threshold.Kind.self)), ("value", .number),
                            ("severity", .choice(Threshold.Severity.self)), ("clear_band", Schema.number.nullable),
                            ("for_seconds", Schema.integer(0...Int64(Threshold.maximumForSeconds)).nullable),
                        ], optional: ["severity", "clear_band", "for_seconds"]
                    )
                ),
                answers: [.created("Its id.", .object([("threshold_id", .uuid)]))], refusals: [409]
            ),
            use: self.addThreshold
        )
        book.add(
            .delete, "\(path)/{threshold}", by: hooks.placeManager,
            Operation(
                "removeThreshold", .alerts, "Takes a limit away; its alert ends.",
                answers: [.ok("It is gone.", .success)]
            ),
            use: self.removeThreshold
        )
    }

    // MARK: Sensors

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let sensors = try await self.hub.sensors(of: context.placeDevice(self.hub).id)
        return .json(["sensors": .array(sensors.map(\.json))])
    }

    @Sendable private func create(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        var body = BodyReader(try await BodyReader.object(of: request))
        var new = NewSensor(
            key: body.text("key", .required) ?? "",
            name: body.name("name", .required, maximumLength: Sensor.maximumNameLength) ?? ""
        )
        new.valueType = body.choice("value_type", of: Capability.ValueType.self, .optional) ?? new.valueType
        new.unitLabel = body.text("unit_label", .optional) ?? new.unitLabel
        new.precision = body.wholeNumber("precision", .optional) ?? new.precision
        try body.finish()
        let sensor = try await self.hub.addSensor(new, to: device.id)
        return .json(["sensor_id": .string(sensor.id.description)], status: .created)
    }

    @Sendable private func change(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        let id = try context.sensorID()
        var body = BodyReader(try await BodyReader.object(of: request))
        let changes = body.partChanges()
        try body.finish()
        _ = try await self.hub.updateSensor(id, of: device.id, changes)
        return .json(["sensor_id": .string(id.description)])
    }

    @Sendable private func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        try await self.hub.removeSensor(context.sensorID(), of: device.id)
        return .success
    }

    // MARK: Thresholds

    @Sendable private func listThresholds(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        let thresholds = try await self.hub.thresholds(of: context.sensorID(), of: device.id)
        return .json(["thresholds": .array(thresholds.map(\.json))])
    }

    @Sendable private func addThreshold(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        let id = try context.sensorID()
        var body = BodyReader(try await BodyReader.object(of: request))
        let new = NewThreshold(
            kind: body.choice("type", of: Threshold.Kind.self, .required) ?? .max,
            value: body.number("value", .required) ?? 0,
            severity: body.choice("severity", of: Threshold.Severity.self, .optional) ?? .warning,
            clearBand: body.number("clear_band", .optional), forSeconds: body.wholeNumber("for_seconds", .optional)
        )
        try body.finish()
        let threshold = try await self.hub.addThreshold(new, to: id, of: device.id)
        return .json(["threshold_id": .string(threshold.id.description)], status: .created)
    }

    @Sendable private func removeThreshold(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        let id = try context.sensorID()
        let threshold = try context.pathID("threshold", of: Threshold.self, orElse: APIError.notFound(.threshold))
        try await self.hub.removeThreshold(threshold, of: id, of: device.id)
        return .success
    }
}

extension Schema {
    static let partKey = Schema.text(1...Sensor.maximumKeyLength)

    /// What can be changed about a sensor or an actuator.
    static let partFields: [(String, Schema)] = [
        ("name", .name(upTo: Sensor.maximumNameLength)), ("unit_label", .text(0...Sensor.maximumUnitLength)),
        ("precision", .integer(Int64(Sensor.precisions.lowerBound)...Int64(Sensor.precisions.upperBound))),
    ]
}

extension BodyReader {
    mutating func partChanges() -> PartChanges {
        var changes = PartChanges()
        changes.name = self.name("name", .unchanged, maximumLength: Sensor.maximumNameLength)
        changes.unitLabel = self.text("unit_label", .unchanged)
        changes.precision = self.wholeNumber("precision", .unchanged)
        return changes
    }
}
