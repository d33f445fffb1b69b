import HostControl
import PollLoop
import StationCore
import StationTestSupport
import SystemBus
import Testing

/// Host control on a private bus with a clock that stands still until somebody waits.
final class HostFixture: Sendable {
    let bus: PrivateBus
    let clock = ManualClock()
    let log = LogRecorder()
    let loop: LoopThread
    let hostBus: HostBus

    private init(_ bus: PrivateBus) throws {
        self.bus = bus
        self.loop = try LoopThread(name: "host-control")
        self.hostBus = HostBus(.address(bus.address), on: self.loop)
    }

    /// Starts a bus, runs `body` and stops everything, whatever happens.
    static func run(_ body: (HostFixture) async throws -> Void) async throws {
        try await PrivateBus.run { bus in
            let fixture = try HostFixture(bus)
            do {
                try await body(fixture)
            } catch {
                await fixture.stop()
                throw error
            }
            await fixture.stop()
        }
    }

    private func stop() async {
        await self.hostBus.close()
        self.loop.stop()
    }

    /// All that was logged.
    var logged: String { self.log.lines.map { "\($0)" }.joined(separator: "\n") }

    func network() -> NetworkControl {
        NetworkControl(bus: self.hostBus, clock: self.clock, logger: self.log.logger)
    }

    /// Waits while time goes on, by so much with each look.
    func wait(
        _ what: String, step: Duration = .milliseconds(20), _ condition: () async throws -> Bool
    ) async throws {
        try await eventually(what) {
            if try await condition() { return true }
            self.clock.advance(by: step)
            return false
        }
    }

    /// What something gives, while time goes on.
    func result<Success: Sendable>(
        step: Duration = .milliseconds(20),
        of operation: @escaping @Sendable () async throws(HostFault) -> Success
    ) async throws -> Result<Success, HostFault> {
        let outcome = Locked<Result<Success, HostFault>?>(nil)
        let task = Task { await Self.perform(operation, outcome) }
        try await self.wait("an answer", step: step) { outcome.withLock { $0 != nil } }
        await task.value
        return try #require(outcome.withLock { $0 })
    }

    private static func perform<Success: Sendable>(
        _ operation: @Sendable () async throws(HostFault) -> Success, _ outcome: Locked<Result<Success, HostFault>?>
    ) async {
        do throws(HostFault) {
            let success = try await operation()
            outcome.withLock { $0 = .success(success) }
        } catch {
            outcome.withLock { $0 = .failure(error) }
        }
    }
}
