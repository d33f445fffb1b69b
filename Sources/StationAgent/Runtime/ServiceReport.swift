import Logging
import ServiceLifecycle
import StationCore

/// Tells the service manager when the station is ready and when it begins to stop.
struct ServiceReport: Service {
    let notifier: SystemdNotifier
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await self.readiness.wait() }
            guard self.readiness.isReached else { return }
            self.notifier.notify(.ready, .status("the station works"))
            self.logger.notice("the station is ready")
            // Cancelled or told to stop: over either way.
            try? await gracefulShutdown()
        } onGracefulShutdown: {
            self.notifier.notify(.stopping)
            self.logger.notice("the station stops")
        }
    }
}
