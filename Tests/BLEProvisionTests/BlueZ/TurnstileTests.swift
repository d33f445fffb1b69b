import StationTestSupport
import Testing

@testable import BLEProvision

@Suite("The turnstile")
struct TurnstileTests {
    @Test("lets through one after the other, in the order of the tickets")
    func order() async {
        let turnstile = Turnstile()
        let tickets = (0..<50).map { _ in turnstile.draw() }
        let passed = Locked<[Int]>([])
        await withTaskGroup { group in
            for ticket in tickets.reversed() {
                group.addTask { await Self.pass(turnstile, ticket, passed) }
            }
        }
        #expect(passed.value == tickets)
    }

    private static func pass(_ turnstile: Turnstile, _ ticket: Int, _ passed: Locked<[Int]>) async {
        await turnstile.turn(of: ticket)
        passed.withLock { $0.append(ticket) }
        turnstile.done(ticket)
    }

    @Test("skips tickets that were given back early")
    func skipped() async {
        let turnstile = Turnstile()
        let first = turnstile.draw()
        let second = turnstile.draw()
        let third = turnstile.draw()
        turnstile.done(second)
        turnstile.done(first)
        await turnstile.turn(of: third)
        turnstile.done(third)
        await turnstile.turn(of: turnstile.draw())
    }
}
