import HTTPTypes
import Hummingbird
import HummingbirdCore
import StationCore

/// `GET /api/health` and `/health`: how the station is, for everybody and without asking the store.
struct HealthRoutes: Sendable {
    let health: HealthBoard
    let version: String
    let clock: any StationClock
    let startedAt: MonotonicInstant

    func add(to book: inout RouteBook) {
        for (path, id) in [("/api/health", "getHealth"), ("/health", "getHealthShort")] {
            book.add(
                .get, path, by: [],
                Operation(
                    id, .health, "How the station is; 503 only when the store is unusable.",
                    answers: [
                        .ok("It works, or recovers by itself.", .health),
                        .init(status: .serviceUnavailable, description: "The store is unusable.", schema: .health),
                    ]
                )
            ) { _, _ in self.answer() }
        }
    }

    private func answer() -> Response {
        let isStoreUsable = self.health[.store]?.status != .failed
        let status = !isStoreUsable ? "failed" : self.health.isOK ? "ok" : "degraded"
        var checks = JSONObject()
        for (component, check) in self.health.all {
            checks[component.rawValue] = [
                "status": .string(check.status.rawValue),
                "detail": .string(SecretMask.inURLs(check.detail)),
            ]
        }
        return .json(
            [
                "status": .string(status),
                "version": .string(self.version),
                "uptime": .integer(self.startedAt.duration(to: self.clock.now).components.seconds),
                "checks": .object(checks),
            ],
            status: isStoreUsable ? .ok : .serviceUnavailable
        )
    }
}

extension Schema {
    fileprivate static let health = Schema.object([
        ("status", .choice(["ok", "degraded", "failed"])), ("version", .string), ("uptime", .integer),
        (
            "checks",
            .map(
                to: .object([("status", .choice(["ok", "degraded", "failed", "off"])), ("detail", .string)])
            )
        ),
    ]).named("Health")
}
