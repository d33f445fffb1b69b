import StationCore
import StationTestSupport
import Testing

@Suite("A limit of so many a second")
struct TokenBucketTests {
    private let limit = TokenBucket.Limit(perSecond: 50, burst: 200)
    private let start = MonotonicInstant(sinceOrigin: .seconds(9))

    private func take(_ count: Int, from bucket: inout TokenBucket, at now: MonotonicInstant) -> Int {
        (0..<count).filter { _ in bucket.take(self.limit, at: now) }.count
    }

    @Test("lets the burst through and no more at once")
    func burst() {
        var bucket = TokenBucket(limit: self.limit, at: self.start)
        #expect(self.take(1000, from: &bucket, at: self.start) == 200)
    }

    @Test("gives tokens back at its rate, and never more than the burst")
    func refill() {
        var bucket = TokenBucket(limit: self.limit, at: self.start)
        _ = self.take(200, from: &bucket, at: self.start)
        let second = self.start.advanced(by: .seconds(1))
        #expect(self.take(1000, from: &bucket, at: second) == 50)
        let hour = second.advanced(by: .seconds(3600))
        #expect(self.take(1000, from: &bucket, at: hour) == 200)
    }

    @Test("gives back a token after a fiftieth of a second, not before")
    func oneToken() {
        var bucket = TokenBucket(limit: self.limit, at: self.start)
        _ = self.take(200, from: &bucket, at: self.start)
        let almost = self.start.advanced(by: .microseconds(19_900))
        #expect(self.take(1, from: &bucket, at: almost) == 0)
        #expect(self.take(2, from: &bucket, at: almost.advanced(by: .microseconds(101))) == 1)
    }

    @Test("keeps to rate × time + burst, however the time is cut up", arguments: 1...10 as ClosedRange<UInt64>)
    func property(seed: UInt64) {
        var random = RepeatableRandom(seed: seed)
        var bucket = TokenBucket(limit: self.limit, at: self.start)
        var now = self.start
        var taken = 0
        for _ in 0..<2000 {
            now = now.advanced(by: .microseconds(Int64.random(in: 0...30_000, using: &random)))
            taken += self.take(Int.random(in: 0...4, using: &random), from: &bucket, at: now)
            let allowed = 200 + self.start.duration(to: now).seconds * 50
            #expect(Double(taken) <= allowed + 0.001)
        }
    }

    @Test("does not give tokens for a clock that stands or goes back")
    func noTime() {
        var bucket = TokenBucket(limit: self.limit, at: self.start)
        _ = self.take(200, from: &bucket, at: self.start)
        #expect(self.take(10, from: &bucket, at: self.start) == 0)
        #expect(self.take(10, from: &bucket, at: self.start.advanced(by: .seconds(-5))) == 0)
    }
}
