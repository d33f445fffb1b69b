import StationCore
import StationTestSupport
import Testing

@Suite("A radio that is to be left alone")
struct RadioQuietTests {
    @Test("is quiet until everybody who began that has ended it")
    func holders() {
        let radio = RadioQuiet()
        #expect(!radio.isQuiet)
        radio.begin()
        radio.begin()
        radio.end()
        #expect(radio.isQuiet)
        radio.end()
        #expect(!radio.isQuiet)
    }

    @Test("does not count an end too many")
    func tooManyEnds() {
        let radio = RadioQuiet()
        radio.end()
        radio.begin()
        #expect(radio.isQuiet)
    }

    @Test("lets nobody wait while it is free")
    func free() async {
        let radio = RadioQuiet()
        let clock = ManualClock()
        #expect(await radio.waitUntilOver())
        #expect(await radio.waitUntilOver(within: .seconds(5), on: clock))
        #expect(clock.sleeperCount == 0)
    }

    @Test("lets all who wait go on when it is over")
    func over() async throws {
        let radio = RadioQuiet()
        radio.begin()
        let done = Locked(0)
        let tasks = (0..<3).map { _ in
            Task {
                let isOver = await radio.waitUntilOver()
                done.withLock { $0 += 1 }
                return isOver
            }
        }
        #expect(done.value == 0)
        radio.end()
        for task in tasks { #expect(await task.value) }
    }

    @Test("is waited for at most so long")
    func limit() async throws {
        let radio = RadioQuiet()
        let clock = ManualClock()
        radio.begin()
        let task = Task { await radio.waitUntilOver(within: .seconds(5), on: clock) }
        try await eventually("it waits") { clock.sleeperCount == 1 }
        clock.advance(by: .seconds(5))
        #expect(await task.value == false)
    }

    @Test("lets a task that is cancelled go")
    func cancelled() async {
        let radio = RadioQuiet()
        radio.begin()
        let task = Task { await radio.waitUntilOver() }
        task.cancel()
        #expect(await task.value == false)
    }
}
