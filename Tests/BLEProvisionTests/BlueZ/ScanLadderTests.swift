import StationCore
import Testing

@testable import BLEProvision

@Suite("The ladder of a dead scanner")
struct ScanLadderTests {
    private static let start = MonotonicInstant(sinceOrigin: .seconds(5000))

    private static func at(_ seconds: Int) -> MonotonicInstant { self.start.advanced(by: .seconds(seconds)) }

    /// The rungs stepped on when looked at every second of such a time.
    private static func rungs(
        _ ladder: inout ScanLadder, _ seconds: ClosedRange<Int>, isShared: Bool = false
    ) -> [Int: ScanLadder.Rung] {
        var rungs: [Int: ScanLadder.Rung] = [:]
        for second in seconds { rungs[second] = ladder.step(at: self.at(second), isAdapterShared: isShared) }
        return rungs
    }

    @Test("goes up one rung after each minute of silence, and then no further")
    func climbs() {
        var ladder = ScanLadder(at: Self.at(0))
        ladder.heard("A", at: Self.at(0))
        let rungs = Self.rungs(&ladder, 1...590)
        #expect(rungs == [60: .restartDiscovery, 120: .powerCycleAdapter, 180: .restartBluetoothd])
    }

    @Test("is not climbed while nobody is expected")
    func nobody() {
        var ladder = ScanLadder(at: Self.at(0))
        #expect(Self.rungs(&ladder, 1...600).isEmpty)
        ladder.heard("A", at: Self.at(600))
        ladder.forget("A")
        #expect(Self.rungs(&ladder, 601...1200).isEmpty)
    }

    @Test("is not climbed for devices that were heard too long ago")
    func longAgo() {
        var ladder = ScanLadder(at: Self.at(0))
        ladder.heard("A", at: Self.at(0))
        ladder.reset(at: Self.at(595))
        #expect(Self.rungs(&ladder, 596...1300).isEmpty)
    }

    @Test("begins again at its foot once anybody is heard")
    func recovers() {
        var ladder = ScanLadder(at: Self.at(0))
        ladder.heard("A", at: Self.at(0))
        #expect(Self.rungs(&ladder, 1...130).count == 2)
        ladder.heard("B", at: Self.at(131))
        #expect(Self.rungs(&ladder, 132...200) == [191: .restartDiscovery])
    }

    @Test("spares an adapter that others use everything but a new discovery")
    func shared() {
        var ladder = ScanLadder(at: Self.at(0))
        ladder.heard("A", at: Self.at(0))
        #expect(Self.rungs(&ladder, 1...400, isShared: true) == [60: .restartDiscovery])
        #expect(Self.rungs(&ladder, 401...402) == [401: .powerCycleAdapter])
    }

    @Test("counts the silence from when discovery began")
    func restarted() {
        var ladder = ScanLadder(at: Self.at(0))
        ladder.heard("A", at: Self.at(0))
        ladder.restarted(at: Self.at(50))
        #expect(Self.rungs(&ladder, 51...115) == [110: .restartDiscovery])
    }

    @Test("remembers so many devices and not more")
    func bounded() {
        var ladder = ScanLadder(at: Self.at(0))
        for number in 0..<1000 { ladder.heard("\(number)", at: Self.at(0)) }
        for number in 0..<ScanLadder.capacity { ladder.forget("\(number)") }
        #expect(Self.rungs(&ladder, 1...100).isEmpty)
    }
}
