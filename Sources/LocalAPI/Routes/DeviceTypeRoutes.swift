import HTTPTypes
import Hummingbird
import HummingbirdCore
import StationCore

/// `GET /api/device-types`: what kinds of device the station knows.
struct DeviceTypeRoutes: Sendable {
    let registry: DeviceTypeRegistry

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/device-types", by: hooks.user,
            Operation(
                "listDeviceTypes", .devices, "What kinds of device the station knows.",
                query: Operation.Parameter.window, answers: [.list("The types.", of: .deviceType)]
            )
        ) { request, _ in
            var query = try QueryReader(request)
            let window = query.window()
            try query.finish()
            return window.response(window.cut(self.registry.types).map(\.shape), total: self.registry.types.count)
        }
    }
}
