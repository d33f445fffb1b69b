import DeviceSimulator
import StationCore

/// Tells how a simulation goes, at intervals and at its end.
struct SimulationReport {
    let isJSON: Bool

    private var interval: Duration { self.isJSON ? .seconds(1) : .seconds(10) }

    /// Reports until the fleet has done what it was to do or the task is cancelled.
    func follow(_ fleet: VirtualFleet) async {
        await withTaskGroup { group in
            group.addTask {
                do {
                    while true {
                        self.tell(await fleet.snapshot())
                        try await Task.sleep(for: self.interval)
                    }
                } catch {
                    // Cancelled: the fleet is done, or somebody has had enough.
                }
            }
            group.addTask {
                do {
                    try await fleet.waitUntilDone()
                } catch {
                    // Cancelled, likewise.
                }
            }
            // Only the second ends by itself; at a signal both do.
            await group.next()
            group.cancelAll()
        }
        self.tell(await fleet.snapshot())
    }

    private func tell(_ snapshot: FleetSnapshot) {
        if self.isJSON {
            print(snapshot.json)
        } else {
            let load = snapshot.load.map { ", load \($0.sent) of \($0.planned) planned" } ?? ""
            print(
                """
                \(snapshot.connected) of \(snapshot.devices) connected, \(snapshot.accepted) accepted, \
                \(snapshot.tally.sent.total) messages sent, \(snapshot.tally.commands) commands obeyed, \
                \(snapshot.wiped) wiped\(load)
                """
            )
        }
        AgentExit.flushOutput()
    }
}
