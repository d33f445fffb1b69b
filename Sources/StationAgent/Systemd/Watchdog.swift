import Logging
import ServiceLifecycle

/// Feeds systemd's watchdog only while every part of the agent answers. Fed by a mere timer it would watch nothing.
///
/// Each third of `WatchdogSec` it looks whether every probe has answered since the last beat; if so it sends
/// `WATCHDOG=1` and asks them all again. A probe that hangs is not asked a second time and holds up nobody.
struct Watchdog: Service {
    /// `WatchdogSec`; nil if systemd does not watch.
    let interval: Duration?
    let probes: [WatchdogProbe]
    let notifier: SystemdNotifier
    let logger: Logger

    func run() async throws {
        guard let interval else {
            // Nothing to do, but a service that returns would end the whole group. Cancelled: over as well.
            try? await gracefulShutdown()
            return
        }
        let rounds = self.probes.map { ProbeRound(probe: $0, logger: self.logger) }
        defer { rounds.forEach { $0.abandon() } }
        await cancelWhenGracefulShutdown {
            await self.beat(every: interval / 3, rounds)
        }
    }

    private func beat(every period: Duration, _ rounds: [ProbeRound]) async {
        // The clock that systemd counts on too: it stands still while the machine sleeps.
        let clock = SuspendingClock()
        var next = clock.now
        var isStarved = false
        rounds.forEach { $0.ask() }
        while !Task.isCancelled {
            next = max(next.advanced(by: period), clock.now)
            do {
                try await clock.sleep(until: next)
            } catch {
                return
            }
            let silent = rounds.filter { !$0.hasAnswered }.map(\.name)
            if silent.isEmpty {
                self.notifier.notify(.watchdog)
                if isStarved { self.logger.notice("every part answers again; the watchdog is fed") }
                rounds.forEach { $0.forget() }
            } else if !isStarved {
                self.logger.error(
                    "the watchdog is not fed: not every part answers",
                    metadata: ["silent": "\(silent.joined(separator: ", "))"])
            }
            isStarved = !silent.isEmpty
            rounds.forEach { $0.ask() }
        }
    }
}
