import StationCore
import Testing

@testable import CloudLink

@Suite("Which rows of the outbox the cloud has")
struct FeedWindowTests {
    private static func instant(_ seconds: Int) -> MonotonicInstant {
        MonotonicInstant(sinceOrigin: .seconds(seconds))
    }

    /// Rows 1–5, of which so many were written.
    private static func window(written: Int64) -> OutboxWindow {
        var window = OutboxWindow()
        for row in 1...5 {
            window.read(OutboxEntry(id: Int64(row), eventID: "event-\(row)"), at: Self.instant(row))
        }
        for row in 1...max(written, 1) where row <= written { window.written(row) }
        return window
    }

    @Test("An answered ping vouches for what was written before it and for nothing after")
    func pings() {
        var window = Self.window(written: 2)
        window.pingSent(1)
        window.written(3)
        window.pingSent(2)
        window.written(4)
        #expect(window.pongReceived(1) == 2)
        #expect(window.pongReceived(1) == nil)
        #expect(window.pongReceived(2) == 3)
        #expect(window.pongReceived(7) == nil)
        window.settle(through: 3)
        #expect(window.oldestSince == Self.instant(4))
    }

    @Test("A later ping that is answered stands for those before it")
    func skippedPing() {
        var window = Self.window(written: 2)
        window.pingSent(1)
        window.written(5)
        window.pingSent(2)
        #expect(window.pongReceived(2) == 5)
        #expect(window.pongReceived(1) == nil)
    }

    @Test("A ping before anything was written vouches for nothing")
    func emptyPing() {
        var window = Self.window(written: 0)
        window.pingSent(1)
        #expect(window.pongReceived(1) == nil)
        #expect(window.oldestSince == Self.instant(1))
    }

    @Test("The oldest is the oldest of those that are open, in whatever order they are acknowledged")
    func oldest() {
        var window = Self.window(written: 5)
        window.settle(["event-2", "event-4", "unknown"])
        #expect(window.oldestSince == Self.instant(1))
        window.settle(["event-1"])
        #expect(window.oldestSince == Self.instant(3))
        window.settle(["event-3", "event-5"])
        #expect(window.oldestSince == nil)
        #expect(window.lastRead == 5)
    }
}
