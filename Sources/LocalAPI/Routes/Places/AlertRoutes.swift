import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The alerts of places (contract 2, "Places, sensors, actuators, thresholds, alerts").
struct AlertRoutes: Sendable {
    private static let path = "/api/places/{place}/alerts"

    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, Self.path, by: hooks.placeMember,
            Operation(
                "listAlerts", .alerts, "The alerts of a place, newest first.",
                query: [
                    .init("status", .choice(AlertStatus.self), "Only those in this status."),
                    .init("severity", .choice(Threshold.Severity.self), "Only those of this severity."),
                    .init("sensor_id", .uuid, "Only of this sensor."),
                    .init("device_id", .uuid, "Only of this device."),
                    .init("from", .givenTime, "The first moment of opening."),
                    .init("to", .givenTime, "The first moment that no longer belongs to it."),
                ] + PlaceWindow.parameters,
                answers: [.ok("A page of them.", PlaceWindow.schema(of: .alert))]
            ),
            use: self.list
        )
        book.add(
            .get, "\(Self.path)/count", by: hooks.placeMember,
            Operation(
                "countAlerts", .alerts, "How many alerts of a place are open.",
                answers: [.ok("The number.", .object([("unresolved", .integer)]))]
            ),
            use: self.count
        )
        book.add(
            .post, "\(Self.path)/{alert}/resolve", by: hooks.placeManager,
            Operation(
                "resolveAlert", .alerts, "Ends an alert by hand; one that has ended is not found.",
                answers: [.ok("The alert as it now is.", .alert)]
            ),
            use: self.resolve
        )
        book.add(
            .get, "/api/alerts/count", by: hooks.user,
            Operation(
                "countAllAlerts", .alerts,
                "How many alerts are open in the caller's places; places without are left out.",
                answers: [
                    .ok("The numbers.", .object([("total_unresolved", .integer), ("by_place", .map(to: .integer))]))
                ]
            ),
            use: self.countAll
        )
    }

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        var wanted = AlertQuery(in: try context.placeID)
        wanted.isOpen = query.choice("status", of: AlertStatus.self).map { $0 == .active }
        wanted.severity = query.choice("severity", of: Threshold.Severity.self)
        wanted.sensorID = query.identifier("sensor_id", of: Sensor.self)
        wanted.deviceID = query.identifier("device_id", of: Device.self)
        wanted.from = query.time("from")
        wanted.to = query.time("to")
        if let from = wanted.from, let to = wanted.to, from >= to {
            query.refuse("from", "“from” is \(from); it must be before “to”, \(to).")
        }
        let window = query.placeWindow()
        try query.finish()
        wanted.offset = window.offset
        wanted.limit = window.size
        _ = try await self.hub.place(wanted.placeID)
        let (alerts, total) = try await self.hub.alerts(wanted)
        return window.response(alerts.map(\.json), total: total)
    }

    @Sendable private func count(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let place = try await self.hub.place(context.placeID)
        let counts = try await self.hub.openAlertCounts()
        return .json(["unresolved": .integer(Int64(counts[place.id] ?? 0))])
    }

    @Sendable private func countAll(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let access = try context.access(self.hub)
        let counts = try await self.hub.openAlertCounts().filter { access.sees($0.key) }
        var byPlace = JSONObject()
        for (place, count) in counts.sorted(by: { $0.key < $1.key }) {
            byPlace[place.description] = .integer(Int64(count))
        }
        return .json([
            "total_unresolved": .integer(Int64(counts.values.reduce(0, +))), "by_place": .object(byPlace),
        ])
    }

    @Sendable private func resolve(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("alert", of: Alert.self, orElse: APIError.notFound(.alert))
        return .json(try await self.hub.resolveAlert(id, in: context.placeID).json)
    }
}
