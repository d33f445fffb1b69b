public import StationCore
import StationSocket

/// Takes a cloud away from a fleet and sees how it comes back. In real time.
public enum RejoinExperiment {
    /// - Parameter tell: Gets a line of text now and then.
    /// - Throws: `LabError` when the cloud cannot listen, or the stations do not come at first; `CancellationError`.
    public static func run(
        _ plan: RejoinPlan, clock: any StationClock = SystemStationClock(),
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> RejoinReport {
        try await LabCloud.run(clock: clock) { lab in
            try await CloudFleet.run(plan.stations, at: lab, clock: clock) { fleet in
                try await self.observe(plan, lab, fleet, clock, tell)
            }
        }
    }

    private static func observe(
        _ plan: RejoinPlan, _ lab: LabCloud, _ fleet: CloudFleet, _ clock: any StationClock,
        _ tell: @Sendable (String) -> Void
    ) async throws -> RejoinReport {
        guard try await fleet.wait(for: plan.stations, within: plan.patience, clock: clock) else {
            throw LabError.invalid("only \(fleet.authenticated) of \(plan.stations) stations came at first")
        }
        tell("\(plan.stations) stations are there; the cloud goes")
        await lab.leave(plan.closeCode.map(SocketCloseCode.init(rawValue:)))
        // The outage is a length of time, nothing to wait for; cancelled, the experiment is over.
        try await clock.sleep(for: plan.outage)
        let back = clock.now
        try await lab.comeBack()
        tell("the cloud is back")
        _ = try await fleet.wait(for: plan.stations, within: plan.patience, clock: clock)
        let times = lab.requestTimes.map { back.duration(to: $0) }
        return RejoinReport(plan: plan, times: times, returned: fleet.authenticated)
    }
}
