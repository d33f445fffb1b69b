public import StationCore
import Synchronization

/// Both clocks of a station, standing still until a test moves them.
///
///     let clock = ManualClock()
///     … clock.advance(by: .seconds(180)) …     // time passes: both clocks go on, sleepers wake
///     … clock.stepWall(by: .seconds(86_400)) … // somebody sets the wall clock: nobody wakes
public final class ManualClock: StationClock {
    private struct Sleeper {
        let number: Int
        let deadline: MonotonicInstant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: MonotonicInstant
        var wallTime: Timestamp
        var sleepers: [Sleeper] = []
        var nextNumber = 0
        /// Sleeps that were cancelled before they began to wait.
        var cancelled: Set<Int> = []

        mutating func remove(_ isWanted: (Sleeper) -> Bool) -> [Sleeper] {
            let removed = self.sleepers.filter(isWanted)
            self.sleepers.removeAll(where: isWanted)
            return removed
        }
    }

    /// A day on which nothing special happens to clocks: 2026-11-21T08:30:00Z.
    public static let usualWallTime = Timestamp(milliseconds: 1_795_249_800_000)

    private let state: Mutex<State>

    public init(wallTime: Timestamp = ManualClock.usualWallTime) {
        // Not zero: a rule that takes the origin for “now” shall be found out.
        self.state = Mutex(State(now: MonotonicInstant(sinceOrigin: .seconds(1_000)), wallTime: wallTime))
    }

    public var now: MonotonicInstant { self.state.withLock { $0.now } }

    public var wallTime: Timestamp { self.state.withLock { $0.wallTime } }

    /// How many tasks wait for the time to pass; for `eventually` before an `advance`.
    public var sleeperCount: Int { self.state.withLock { $0.sleepers.count } }

    /// Lets time pass on both clocks and wakes whoever's time has come: the earlier deadline first, and of equal ones
    /// the one who lay down first.
    public func advance(by duration: Duration) {
        let due = self.state.withLock { state in
            state.now = state.now.advanced(by: duration)
            state.wallTime = state.wallTime.adding(duration)
            let now = state.now
            return state.remove { $0.deadline <= now }
        }
        for sleeper in due.sorted(by: { ($0.deadline, $0.number) < ($1.deadline, $1.number) }) {
            sleeper.continuation.resume()
        }
    }

    /// Sets the wall clock forward or, with a negative duration, back; the monotonic clock and its sleepers know
    /// nothing of it.
    public func stepWall(by duration: Duration) {
        self.state.withLock { $0.wallTime = $0.wallTime.adding(duration) }
    }

    public func sleep(until deadline: MonotonicInstant) async throws {
        let number = self.state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = self.state.withLock { state -> Result<Void, any Error>? in
                    if state.cancelled.remove(number) != nil { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers.append(
                        Sleeper(number: number, deadline: deadline, continuation: continuation)
                    )
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let cancelled = self.state.withLock { state in
                let sleepers = state.remove { $0.number == number }
                if sleepers.isEmpty { state.cancelled.insert(number) }
                return sleepers
            }
            for sleeper in cancelled { sleeper.continuation.resume(throwing: CancellationError()) }
        }
    }
}
