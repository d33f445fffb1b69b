import CloudLink
import StationCore
import StationTestSupport
import Testing

@Suite("The link's machine: time (contract 4, “Heartbeat and backoff”)")
struct LinkTimeTests {
    private static func authenticated() -> LinkRun {
        var run = LinkRun(LinkRun.claimed)
        run.authenticate()
        return run
    }

    @Test("A connection that does not open within 15 s is dropped")
    func connectLimit() {
        var run = LinkRun(LinkRun.claimed)
        #expect(run.wait(.seconds(14)) == [])
        #expect(
            run.wait(.seconds(1)) == [.drop, .report(run.state, because: "no connection within 15.0 seconds")]
        )
        #expect(run.pause != nil)
    }

    @Test("An answer to the token that does not come within 15 s ends the connection")
    func answerLimit() {
        var run = LinkRun(LinkRun.claimed)
        run.open()
        _ = run.tell(.message(.other))
        #expect(run.wait(.seconds(14)) == [])
        #expect(
            run.wait(.seconds(1))
                == [.drop, .report(run.state, because: "no answer to the token within 15.0 seconds")]
        )
    }

    @Test("A ping every 30 s; without a pong by the next one the connection is dropped, not closed")
    func heartbeat() {
        var run = Self.authenticated()
        let begin = run.now
        #expect(run.wait(.seconds(29)) == [])
        #expect(run.goOn() == [.ping(1)])
        #expect(begin.duration(to: run.now) == .seconds(30))
        _ = run.wait(.seconds(10))
        _ = run.tell(.pong(1))
        #expect(run.goOn() == [.ping(2)])
        #expect(begin.duration(to: run.now) == .seconds(60))
        #expect(run.wait(.seconds(29)) == [])
        #expect(run.goOn() == [.endRPC, .drop, .report(run.state, because: "no answer to a ping")])
        #expect(begin.duration(to: run.now) == .seconds(90))
    }

    @Test("Any frame counts as life", arguments: [LinkInput.message(.other), .message(.authOK), .pong(77)])
    func life(_ sign: LinkInput) {
        var run = Self.authenticated()
        _ = run.goOn()
        _ = run.wait(.seconds(1))
        _ = run.tell(sign)
        #expect(run.goOn() == [.ping(2)])
        #expect(run.goOn().contains(.drop))
    }

    @Test("A frame that is told later counts from when it came")
    func lateLife() {
        var run = Self.authenticated()
        let before = run.after(.seconds(29))
        _ = run.goOn()
        let behind = run.after(.seconds(1))
        _ = run.wait(.seconds(29))
        var other = run
        // It came before the ping: no answer.
        _ = run.tell(.heard(before))
        #expect(run.goOn().contains(.drop))
        _ = other.tell(.heard(behind))
        #expect(other.goOn() == [.ping(2)])
    }

    @Test("A machine that slept through many beats sends one ping and judges then")
    func longSleep() {
        var run = Self.authenticated()
        #expect(run.wait(.seconds(3_600)) == [.ping(1)])
        #expect(run.wait(.seconds(29)) == [])
        #expect(run.wait(.seconds(1)).contains(.drop))
    }

    @Test("When the network changes a ping goes out at once, with 5 s for the answer")
    func networkChange() {
        var run = Self.authenticated()
        _ = run.wait(.seconds(10))
        #expect(run.tell(.networkChanged) == [.ping(1)])
        var dead = run
        #expect(dead.wait(.seconds(4)) == [])
        #expect(dead.goOn() == [.endRPC, .drop, .report(dead.state, because: "no answer to a ping")])
        #expect(run.now.duration(to: dead.now) == .seconds(5))
        _ = run.wait(.seconds(4))
        _ = run.tell(.pong(1))
        #expect(run.wait(.seconds(2)) == [])
        #expect(run.goOn() == [.ping(2)])
    }

    @Test("A network that keeps changing cannot keep a dead connection alive")
    func flapping() {
        var run = Self.authenticated()
        var drops = 0
        var time = 0
        while drops == 0, time < 120 {
            time += 3
            let passed = run.wait(.seconds(3))
            drops = passed.filter { $0 == .drop }.count
            _ = run.tell(.networkChanged)
        }
        #expect(drops == 1)
        #expect(time == 60)
    }

    @Test("Where there is no connection a change of the network does nothing")
    func networkWithoutConnection() {
        var run = LinkRun(LinkRun.claimed)
        #expect(run.tell(.networkChanged) == [])
        _ = run.tell(.closed(.other("lost")))
        let pause = run.pause
        #expect(run.tell(.networkChanged) == [])
        #expect(run.pause == pause)
    }

    @Test("Pauses double from 2 s to 60 s, each changed by at most 20 %", arguments: 0..<20)
    func pauses(_ seed: Int) throws {
        var run = LinkRun(LinkRun.claimed, seed: UInt64(seed))
        for nominal in [2.0, 4, 8, 16, 32, 60, 60, 60] {
            _ = run.tell(.closed(.other("refused")))
            let pause = try #require(run.pause).seconds
            #expect((nominal * 0.8...nominal * 1.2).contains(pause))
            #expect(run.goOn().first == .connect)
        }
    }

    @Test("Chance uses its whole range")
    func range() {
        var all: [Double] = []
        for seed in 0..<500 {
            var run = LinkRun(LinkRun.claimed, seed: UInt64(seed))
            _ = run.tell(.closed(.other("refused")))
            all.append(run.pause?.seconds ?? 0)
        }
        #expect((all.min() ?? 0) < 1.65)
        #expect((all.max() ?? 0) > 2.35)
    }

    @Test(
        "CLOUD_MAX_BACKOFF raises the longest pause and cannot lower it", arguments: [(10, 60), (60, 60), (300, 300)])
    func longestPause(_ setting: Int, _ nominal: Int) throws {
        var run = LinkRun(LinkRun.claimed, rules: LinkRules(longestPause: .seconds(setting)))
        for _ in 0..<12 {
            _ = run.tell(.closed(.other("refused")))
            _ = run.goOn()
        }
        _ = run.tell(.closed(.other("refused")))
        let pause = try #require(run.pause).seconds
        #expect((Double(nominal) * 0.8...Double(nominal) * 1.2).contains(pause))
    }

    @Test("Only a link that stayed authenticated for 60 s begins anew at 2 s", arguments: [59, 60])
    func stability(_ seconds: Int) throws {
        var run = LinkRun(LinkRun.claimed)
        for _ in 0..<3 {
            _ = run.tell(.closed(.other("refused")))
            _ = run.goOn()
        }
        run.authenticate()
        _ = run.wait(.seconds(30))
        _ = run.tell(.pong(1))
        _ = run.wait(.seconds(seconds - 30))
        _ = run.tell(.closed(.other("lost")))
        let pause = try #require(run.pause).seconds
        #expect(seconds == 60 ? pause <= 2.4 : pause >= 12.8)
    }

    @Test("A long wait for a claim, or for the answer to a token, is no stable link")
    func unstable() throws {
        var run = LinkRun(LinkRun.unclaimed)
        _ = run.tell(.closed(.other("refused")))
        run.open()
        for number in 1...4 {
            _ = run.goOn()
            _ = run.tell(.pong(number))
        }
        _ = run.tell(.closed(.other("lost")))
        let pause = try #require(run.pause).seconds
        #expect(pause >= 3.2)
    }

    @Test(
        "After a close by the server itself the first retry is spread evenly over 0–10 s",
        arguments: [1001, 1012, 1013])
    func spread(_ code: UInt16) {
        var slots = [Int](repeating: 0, count: 10)
        for seed in 0..<2_000 {
            var run = LinkRun(LinkRun.claimed, seed: UInt64(seed))
            run.authenticate()
            _ = run.tell(.closed(.closedByServer(code: code, reason: "")))
            slots[min(Int(run.pause?.seconds ?? 0), 9)] += 1
        }
        #expect(slots.allSatisfy { (140...260).contains($0) })
    }

    @Test("After the spread retry the usual pauses begin; a second close adds the spread to them")
    func spreadOnce() throws {
        var run = Self.authenticated()
        let restart = LinkInput.closed(.closedByServer(code: 1012, reason: "restart"))
        _ = run.tell(restart)
        _ = run.goOn()
        _ = run.tell(.closed(.other("refused")))
        #expect((1.6...2.4).contains(try #require(run.pause).seconds))
        run.authenticate()
        _ = run.tell(restart)
        #expect((3.2...14.8).contains(try #require(run.pause).seconds))
        _ = run.goOn()
        _ = run.tell(restart)
        #expect((6.4...19.6).contains(try #require(run.pause).seconds))
    }

    @Test("Other closes of the server get no spread", arguments: [1000, 1005, 1008, 1011, 4000])
    func otherCloses(_ code: UInt16) throws {
        for seed in 0..<50 {
            var run = LinkRun(LinkRun.claimed, seed: UInt64(seed))
            run.authenticate()
            _ = run.tell(.closed(.closedByServer(code: code, reason: "")))
            #expect((1.6...2.4).contains(try #require(run.pause).seconds))
        }
    }

    @Test("A timer that comes too early does nothing")
    func earlyTimer() {
        var run = LinkRun(LinkRun.claimed)
        _ = run.tell(.closed(.other("refused")))
        let pause = run.pause
        #expect(run.tell(.timer) == [])
        #expect(run.pause == pause)
    }
}
