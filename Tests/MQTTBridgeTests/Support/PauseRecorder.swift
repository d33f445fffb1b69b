import StationCore
import StationTestSupport
import Synchronization

/// A manual clock that writes down for how long somebody wants to sleep.
final class PauseRecorder: StationClock {
    private let clock = ManualClock()
    private let recorded = Mutex<[Duration]>([])

    var now: MonotonicInstant { self.clock.now }
    var wallTime: Timestamp { self.clock.wallTime }

    var pauses: [Duration] { self.recorded.withLock { $0 } }

    func advance(by duration: Duration) {
        self.clock.advance(by: duration)
    }

    func sleep(until deadline: MonotonicInstant) async throws {
        let pause = self.clock.now.duration(to: deadline)
        self.recorded.withLock { $0.append(pause) }
        try await self.clock.sleep(until: deadline)
    }
}
