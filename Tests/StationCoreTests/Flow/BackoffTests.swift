import StationCore
import StationTestSupport
import Testing

@Suite("Pauses between attempts")
struct BackoffTests {
    @Test("double from 1 s to 30 s, each between a half and the whole", arguments: 1...20 as ClosedRange<UInt64>)
    func bounds(seed: UInt64) {
        var random = RepeatableRandom(seed: seed)
        var backoff = Backoff(base: .seconds(1), limit: .seconds(30))
        for nominal in [1, 2, 4, 8, 16, 30, 30, 30, 30] {
            let pause = backoff.next(using: &random)
            #expect(pause >= .milliseconds(nominal * 500))
            #expect(pause <= .seconds(nominal))
        }
    }

    @Test("use the whole of their span")
    func jitter() {
        var random = RepeatableRandom(seed: 7)
        let pauses = (0..<500).map { _ in
            var backoff = Backoff(base: .seconds(1), limit: .seconds(30))
            return backoff.next(using: &random)
        }
        #expect(pauses.contains { $0 < .milliseconds(550) })
        #expect(pauses.contains { $0 > .milliseconds(950) })
    }

    @Test("begin anew after a reset, and only then")
    func reset() {
        var backoff = Backoff(base: .seconds(1), limit: .seconds(30))
        for _ in 0..<5 { _ = backoff.next() }
        #expect(backoff.next() >= .seconds(15))
        backoff.reset()
        #expect(backoff.next() <= .seconds(1))
    }

    @Test("stay at the limit after any number of attempts")
    func endless() {
        var backoff = Backoff(base: .milliseconds(10), limit: .seconds(30))
        let pauses = (0..<10_000).map { _ in backoff.next() }
        #expect(pauses.dropFirst(12).allSatisfy { (.seconds(15) ... .seconds(30)).contains($0) })
    }
}
