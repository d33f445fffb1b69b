import StationCore
import Testing

@Suite("Which readings of a sensor are evaluated")
struct EvaluationOrderTests {
    /// A reading: dated by the device or by the station, at which second, when the station's clock says what.
    private struct Reading {
        let time: Int64
        var isMeasuredTime = true
        let now: Int64
        let isAdmitted: Bool
    }

    private func expect(_ readings: [Reading]) {
        func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_000_000_000 + seconds * 1000) }
        var order = EvaluationOrder()
        for (number, reading) in readings.enumerated() {
            let isAdmitted = order.admits(
                at(reading.time), isMeasuredTime: reading.isMeasuredTime, now: at(reading.now)
            )
            #expect(isAdmitted == reading.isAdmitted, "reading \(number)")
        }
    }

    @Test("One that the device dates before the newest is late; one of the same moment is not")
    func late() {
        self.expect([
            Reading(time: 50, now: 100, isAdmitted: true), Reading(time: 49, now: 100, isAdmitted: false),
            Reading(time: 50, now: 100, isAdmitted: true), Reading(time: 60, now: 100, isAdmitted: true),
            Reading(time: 59, now: 100, isAdmitted: false),
        ])
    }

    @Test("What the station dates itself is never late: its arrival is its time, even when the clock was set back")
    func ownClock() {
        self.expect([
            Reading(time: 10_000, isMeasuredTime: false, now: 10_000, isAdmitted: true),
            Reading(time: 50, isMeasuredTime: false, now: 50, isAdmitted: true),
            Reading(time: 51, now: 52, isAdmitted: true),
        ])
    }

    @Test("A time from a clock that was far ahead does not silence the device after it was set back")
    func clockSetBack() {
        self.expect([
            Reading(time: 10_000, now: 10_000, isAdmitted: true), Reading(time: 9699, now: 9700, isAdmitted: false),
            Reading(time: 9699, now: 9699, isAdmitted: true), Reading(time: 9698, now: 9699, isAdmitted: false),
        ])
    }
}
