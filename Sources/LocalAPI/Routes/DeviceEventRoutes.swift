import HTTPTypes
import Hummingbird
import HummingbirdCore
import StationCore
import StationData

/// `GET /api/device-events`: the activity feed, newest first.
struct DeviceEventRoutes: Sendable {
    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/device-events", by: hooks.user,
            Operation(
                "listEvents", .devices, "What happened to and by devices, newest first.",
                query: [
                    .init("deviceId", .uuid, "Only of this device."),
                    .init("type", .choice(DeviceEvent.EventType.self), "Only of this kind."),
                    .init("from", .givenTime, "The first moment."),
                    .init("to", .givenTime, "The first moment that no longer belongs to it."),
                ] + Operation.Parameter.window,
                answers: [.list("The events.", of: .event)]
            ),
            use: self.list
        )
    }

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        var wanted = EventQuery()
        wanted.deviceID = query.identifier("deviceId", of: Device.self)
        wanted.type = query.choice("type", of: DeviceEvent.EventType.self)
        wanted.from = query.time("from")
        wanted.to = query.time("to")
        if let from = wanted.from, let to = wanted.to, from >= to {
            query.refuse("from", "“from” is \(from); it must be before “to”, \(to).")
        }
        wanted.visiblePlaces = try context.access(self.hub).visiblePlaces
        let window = query.window()
        try query.finish()
        wanted.offset = window.offset
        wanted.limit = window.limit
        let (entries, total) = try await self.hub.deviceEvents(wanted)
        return window.response(entries.map(\.json), total: total)
    }
}
