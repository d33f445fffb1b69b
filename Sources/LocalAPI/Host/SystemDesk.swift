import Logging
import ServiceLifecycle
import StationCore
import Synchronization

/// Tells how the station's host is, and restarts it or the agent once whoever asked for that has their answer.
final class SystemDesk: Service {
    /// For the answer to be on its way.
    private static let pause = Duration.milliseconds(500)

    /// A restart that was promised. One that has happened is forgotten with the process.
    struct Restart: Sendable {
        let target: RestartTarget
        let askedAt: Timestamp
        /// Why it has not happened.
        var fault: HostFault?
    }

    private let ports: HostPorts
    private let clock: any StationClock
    private let logger: Logger
    private let restart = Mutex<Restart?>(nil)
    private let orders: AsyncStream<RestartTarget>
    private let orderInput: AsyncStream<RestartTarget>.Continuation

    init(ports: HostPorts, clock: any StationClock, logger: Logger) {
        self.ports = ports
        self.clock = clock
        self.logger = logger
        (self.orders, self.orderInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(4))
    }

    var lastRestart: Restart? { self.restart.withLock { $0 } }

    func info() async -> HostInfo {
        await self.ports.system.info()
    }

    /// Sees that something can be restarted; it is, shortly after this has returned.
    ///
    /// - Throws: `HostFault`; then it is not.
    func order(_ target: RestartTarget) async throws(HostFault) {
        if target == .host { try await self.ports.system.demandReboot() }
        self.restart.withLock { $0 = Restart(target: target, askedAt: self.clock.wallTime) }
        self.orderInput.yield(target)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await target in self.orders {
                guard await self.clock.pause(for: Self.pause) else { return }
                await self.perform(target)
            }
        }
    }

    private func perform(_ target: RestartTarget) async {
        self.logger.notice("a restart was asked for by the API", metadata: ["target": "\(target.rawValue)"])
        switch target {
        case .agent: self.ports.restartAgent()
        case .host:
            do throws(HostFault) {
                try await self.ports.system.reboot()
            } catch {
                self.restart.withLock { $0?.fault = error }
                self.logger.error("the host does not restart", metadata: error.metadata)
            }
        }
    }
}
