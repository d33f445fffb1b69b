import StationCore
import Testing

@Suite("What lets only one of many alike occasions through")
struct OccasionLimiterTests {
    private let start = MonotonicInstant(sinceOrigin: .seconds(77))

    private func at(_ seconds: Int) -> MonotonicInstant { self.start.advanced(by: .seconds(seconds)) }

    @Test("passes the first and then one a period")
    func period() {
        var limiter = OccasionLimiter<String>(period: .seconds(60), capacity: 10)
        let passed = (0...180).filter { limiter.passes("a", at: self.at($0)) }
        #expect(passed == [0, 60, 120, 180])
    }

    @Test("counts the period from what passed, not from what was held back")
    func sparse() {
        var limiter = OccasionLimiter<String>(period: .seconds(60), capacity: 10)
        #expect(
            [0, 59, 61, 119, 121].map { limiter.passes("a", at: self.at($0)) } == [true, false, true, false, true])
    }

    @Test("treats every key for itself")
    func keys() {
        var limiter = OccasionLimiter<String>(period: .seconds(60), capacity: 10)
        let passed = [("a", 0), ("b", 1), ("a", 2), ("b", 60), ("a", 60)].map { limiter.passes($0, at: self.at($1)) }
        #expect(passed == [true, true, false, false, true])
    }

    @Test("forgets rather than grows when keys are invented")
    func capacity() {
        var limiter = OccasionLimiter<Int>(period: .seconds(60), capacity: 100)
        let passed = (0..<1000).filter { limiter.passes($0, at: self.at(0)) }
        #expect(passed.count == 1000)
        // The newest are still known; of the oldest at most a few lines are told again.
        #expect([999, 0].map { limiter.passes($0, at: self.at(1)) } == [false, true])
    }
}
