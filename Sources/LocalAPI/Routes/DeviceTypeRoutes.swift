import Hummingbird
import HummingbirdCore
import StationCore

/// `GET /api/device-types`: what kinds of device the station knows.
struct DeviceTypeRoutes: Sendable {
    let registry: DeviceTypeRegistry

    func add(to routes: some RouterMethods<LocalAPIContext>) {
        routes.get("/api/device-types") { request, _ in
            var query = try QueryReader(request)
            let window = query.window()
            try query.finish()
            return window.response(window.cut(self.registry.types).map(\.json), total: self.registry.types.count)
        }
    }
}
