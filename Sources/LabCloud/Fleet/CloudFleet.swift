public import CloudLink
public import StationCore
import StationSocket
import Synchronization

/// Any number of stations that have nothing but their links, with the machine and the pauses of real ones: for seeing
/// how they come back when a cloud was away.
public final class CloudFleet: Sendable {
    private struct State {
        var authenticated = 0
        var authentications = 0
        var losses = 0
    }

    private let state = Mutex(State())
    /// Rings when a station was let in.
    private let arrivals = Bells<Void>()

    /// How many are authenticated just now.
    public var authenticated: Int { self.state.withLock { $0.authenticated } }

    /// How often one of them was let in.
    public var authentications: Int { self.state.withLock { $0.authentications } }

    /// How often one of them lost its connection or got none.
    public var losses: Int { self.state.withLock { $0.losses } }

    private init() {}

    /// Runs a fleet while `body` runs. The stations come at once, all of them with tokens.
    ///
    /// - Throws: `LabError.invalid`, and what `body` throws.
    public static func run<Result: Sendable>(
        _ count: Int, at lab: LabCloud, rules: LinkRules = LinkRules(),
        clock: any StationClock = SystemStationClock(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (CloudFleet) async throws -> Result
    ) async throws -> Result {
        let fleet = CloudFleet()
        let stations = try fleet.stations(count, at: lab, rules: rules, clock: clock)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for station in stations { group.addTask { await station.run() } }
            defer { for station in stations { station.stop() } }
            return try await body(fleet)
        }
    }

    /// Waits until so many are authenticated.
    ///
    /// - Returns: Whether they were within the time.
    /// - Throws: `CancellationError`.
    public func wait(
        for count: Int, within limit: Duration, clock: any StationClock = SystemStationClock()
    ) async throws -> Bool {
        let arrivals = self.arrivals.listen()
        let isReached = try await clock.limit(to: limit) { await self.isReached(count, arrivals) }
        try Task.checkCancellation()
        return isReached ?? false
    }

    /// Looks at each arrival, until the task is cancelled.
    private func isReached(_ count: Int, _ arrivals: AsyncStream<Void>) async -> Bool {
        if self.authenticated >= count { return true }
        for await _ in arrivals where self.authenticated >= count { return true }
        return false
    }

    private func stations(
        _ count: Int, at lab: LabCloud, rules: LinkRules, clock: any StationClock
    ) throws(LabError) -> [FleetStation] {
        let request: SocketRequest
        do throws(SocketClientError) {
            request = try SocketRequest(host: lab.host, port: lab.port, path: "/ws/station")
        } catch {
            throw .invalid("\(error)")
        }
        var stations: [FleetStation] = []
        for number in 0..<max(0, count) {
            let chipID = "fleet-\(number)"
            stations.append(
                FleetStation(
                    chipID: chipID, token: try lab.admit(chipID), request: request, rules: rules, clock: clock,
                    tell: { self.note($0) }
                )
            )
        }
        return stations
    }

    private func note(_ turn: FleetStation.Turn) {
        self.state.withLock { state in
            switch turn {
            case .authenticated:
                state.authenticated += 1
                state.authentications += 1
            case .left: state.authenticated -= 1
            case .lost: state.losses += 1
            }
        }
        if case .authenticated = turn { self.arrivals.ring() }
    }
}
