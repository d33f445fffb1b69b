import StationCore
import StationTestSupport
import Testing

@Suite("The clocks of a station")
struct StationClockTests {
    @Test("The machine's monotonic clock goes on while its sleeper sleeps, and the wall clock is of this century")
    func system() async throws {
        let clock = SystemStationClock()
        let before = clock.now
        try await clock.sleep(for: .milliseconds(20))
        #expect(before.duration(to: clock.now) >= .milliseconds(20))
        #expect(clock.wallTime > Timestamp(milliseconds: 1_700_000_000_000))
        #expect(clock.wallTime < Timestamp.latest)
    }

    @Test("A sleeper of the machine's clock can be cancelled")
    func systemCancellation() async throws {
        let task = Task { try await SystemStationClock().sleep(for: .seconds(3600)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("Time stands still until a test moves it; a step of the wall clock moves that alone")
    func manual() {
        let clock = ManualClock()
        let (now, wall) = (clock.now, clock.wallTime)
        #expect(wall.description == "2026-11-21T08:30:00.000Z")
        clock.advance(by: .milliseconds(2500))
        #expect(now.duration(to: clock.now) == .milliseconds(2500))
        #expect(clock.wallTime == wall.adding(.milliseconds(2500)))
        clock.stepWall(by: .seconds(-86_400))
        #expect(now.duration(to: clock.now) == .milliseconds(2500))
        #expect(clock.wallTime == wall.adding(.milliseconds(2500 - 86_400_000)))
    }

    @Test("Sleepers wake when their time has come and not before")
    func waking() async throws {
        let clock = ManualClock()
        let woken = Locked<[Int]>([])
        try await withThrowingTaskGroup { group in
            for seconds in [3, 1, 2] {
                group.addTask {
                    try await clock.sleep(for: .seconds(seconds))
                    woken.withLock { $0.append(seconds) }
                }
            }
            try await eventually("three sleep") { clock.sleeperCount == 3 }
            clock.stepWall(by: .seconds(86_400))
            clock.advance(by: .milliseconds(999))
            #expect(clock.sleeperCount == 3)
            for seconds in 1...3 {
                clock.advance(by: seconds == 1 ? .milliseconds(1) : .seconds(1))
                #expect(clock.sleeperCount == 3 - seconds)
                try await eventually("the next wakes") { woken.value.count == seconds }
            }
            try await group.waitForAll()
        }
        #expect(woken.value == [1, 2, 3])
        // A deadline that is over already waits for nobody.
        try await clock.sleep(until: clock.now)
    }

    @Test("A sleeper of the manual clock can be cancelled, before it lies down and afterwards")
    func manualCancellation() async throws {
        let clock = ManualClock()
        let sleeping = Task { try await clock.sleep(for: .seconds(1)) }
        try await eventually("it sleeps") { clock.sleeperCount == 1 }
        sleeping.cancel()
        await #expect(throws: CancellationError.self) { try await sleeping.value }
        #expect(clock.sleeperCount == 0)

        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(1))
        }
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(clock.sleeperCount == 0)
    }
}
