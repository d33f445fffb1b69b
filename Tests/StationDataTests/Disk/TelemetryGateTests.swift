import StationCore
import StationTestSupport
import Testing

@testable import StationData

@Suite("The way of telemetry to the disk")
struct TelemetryGateTests {
    private static let start = MonotonicInstant(sinceOrigin: .seconds(100))
    private static let time = ManualClock.usualWallTime

    private static func space(_ free: UInt64, of total: UInt64 = 1000) -> FreeSpace {
        FreeSpace(freeBytes: free << 20, totalBytes: total << 20)
    }

    /// A gate that has looked at the room, one look a second.
    private static func gate(_ looks: FreeSpace...) -> TelemetryGate {
        var gate = TelemetryGate()
        for (second, space) in looks.enumerated() {
            let passed = Duration.seconds(second)
            gate.look(at: space, now: Self.start.advanced(by: passed), time: Self.time.adding(passed))
        }
        return gate
    }

    @Test(
        "A twentieth of a disk is kept from it, and at most 64 MiB",
        arguments: [(20, 1), (1000, 50), (1280, 64), (30_000, 64)] as [(UInt64, UInt64)])
    func reserve(total: UInt64, reserved: UInt64) {
        #expect(Self.space(0, of: total).reservedBytes == reserved << 20)
        #expect(Self.gate(Self.space(reserved, of: total)).allowsFlush(at: Self.start))
        #expect(!Self.gate(Self.space(reserved - 1, of: total)).allowsFlush(at: Self.start))
    }

    @Test("Shut for want of room it opens with half of the reserve more, and not between: it does not flutter")
    func hysteresis() {
        #expect(Self.gate(Self.space(49), Self.space(50)).closure != nil)
        #expect(Self.gate(Self.space(49), Self.space(74)).closure != nil)
        #expect(Self.gate(Self.space(49), Self.space(75)).closure == nil)
        #expect(Self.gate(Self.space(49), Self.space(75), Self.space(60)).closure == nil)
        let gate = Self.gate(Self.space(49), Self.space(10), Self.space(60))
        #expect(gate.closure?.since == Self.time, "it is told since when, whatever happened in between")
    }

    @Test("Shut by a write that failed it lets one try through every ten seconds, and opens when that succeeds")
    func tries() {
        for fault in [DiskFault.full, .unwritable] {
            var gate = TelemetryGate()
            gate.failed(fault, now: Self.start, time: Self.time)
            #expect(!gate.allowsFlush(at: Self.start.advanced(by: .seconds(9))))
            let later = Self.start.advanced(by: .seconds(10))
            #expect(gate.allowsFlush(at: later))
            gate.failed(fault, now: later, time: Self.time.adding(.seconds(10)))
            #expect(!gate.allowsFlush(at: later.advanced(by: .seconds(9))))
            #expect(gate.closure?.since == Self.time)
            gate.flushed()
            #expect(gate.closure == nil)
        }
    }

    @Test("A disk that gives back other than was written is not its affair")
    func otherFaults() {
        var gate = TelemetryGate()
        for fault in [DiskFault.damaged, .unreadable] { gate.failed(fault, now: Self.start, time: Self.time) }
        #expect(gate.closure == nil)
    }

    @Test("That a last flush went into the reserve does not open it")
    func flushIntoReserve() {
        var gate = Self.gate(Self.space(49))
        gate.flushed()
        gate.failed(.full, now: Self.start, time: Self.time)
        #expect(!gate.allowsFlush(at: Self.start.advanced(by: .seconds(1000))))
        #expect(gate.closure?.description.contains("disk full (49 MiB free of 1000)") == true)
    }
}
