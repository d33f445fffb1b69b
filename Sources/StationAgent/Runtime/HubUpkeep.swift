import Logging
import ServiceLifecycle
import StationCore
import StationData

/// The hub's regular work: flushes, presence, what other processes wrote, the journal, retention. At the end it writes
/// everything that waits: a graceful stop loses nothing (contract 7).
struct HubUpkeep: Service {
    let hub: StationHub
    let clock: any StationClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.repeating { await self.hub.flushRound() } }
                group.addTask { await self.repeating { await self.hub.watchRound() } }
            }
        }
        // In a task of its own: the end must be written even when this one has been cancelled.
        await Task {
            do throws(StoreError) {
                try await self.hub.flushEverything()
            } catch {
                self.logger.error("the last readings could not be written", metadata: ["error": "\(error)"])
            }
        }.value
    }

    /// Does something every period until the task is cancelled.
    private func repeating(_ round: @escaping @Sendable () async -> Void) async {
        while !Task.isCancelled {
            // In a task of its own: told to stop, a write under way is brought to its end and is no fault.
            await Task { await round() }.value
            await self.clock.pause(for: StationHub.upkeepPeriod)
        }
    }
}
