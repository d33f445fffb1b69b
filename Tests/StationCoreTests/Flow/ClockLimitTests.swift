import StationCore
import StationTestSupport
import Testing

@Suite("Something with a time limit")
struct ClockLimitTests {
    private struct Trouble: Error {}

    @Test("gives what it gives, and nobody waits any longer")
    func inTime() async throws {
        let clock = ManualClock()
        #expect(try await clock.limit(to: .seconds(5)) { 42 } == 42)
        #expect(clock.sleeperCount == 0)
    }

    @Test("is called off when its time is over")
    func tooLate() async throws {
        let clock = ManualClock()
        let wasCancelled = Locked(false)
        async let outcome = clock.limit(to: .seconds(5)) {
            do {
                try await clock.sleep(for: .seconds(3600))
            } catch {
                wasCancelled.withLock { $0 = true }
                throw error
            }
        }
        try await eventually("both sleep") { clock.sleeperCount == 2 }
        clock.advance(by: .seconds(5))
        #expect(try await outcome == nil)
        #expect(wasCancelled.value)
    }

    @Test("throws what it throws")
    func throwing() async {
        await #expect(throws: Trouble.self) {
            _ = try await ManualClock().limit(to: .seconds(5)) { throw Trouble() }
        }
    }

    @Test("ends at once when the waiting task is cancelled")
    func cancelled() async throws {
        let clock = ManualClock()
        let waiting = Task { try await clock.limit(to: .seconds(5)) { try await clock.sleep(for: .seconds(3600)) } }
        try await eventually("both sleep") { clock.sleeperCount == 2 }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
