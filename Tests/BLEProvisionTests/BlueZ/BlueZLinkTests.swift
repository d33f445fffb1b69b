import StationCore
import StationTestSupport
import SystemBus
import Testing

@testable import BLEProvision

@Suite("A link over BlueZ", .timeLimit(.minutes(1)))
struct BlueZLinkTests {
    typealias Fixture = LinkFixture

    // MARK: - Notifications

    @Test("Values come in their order, from the moment at which notifications have begun")
    func order() async throws {
        try await Fixture.run { fixture in
            try await fixture.tell(99)
            let values = try await fixture.link.notifications(of: Fixture.first)
            try await Self.tell(1...20, fixture)
            let taken = await Fixture.take(20, of: values)
            #expect(taken == (1...20).map { [$0] })
        }
    }

    private static func tell(_ values: ClosedRange<UInt8>, _ fixture: Fixture) async throws {
        for value in values { try await fixture.tell(value) }
    }

    @Test("Values go to those who asked for that characteristic")
    func separate() async throws {
        try await Fixture.run { fixture in
            let first = try await fixture.link.notifications(of: Fixture.first)
            let again = try await fixture.link.notifications(of: Fixture.first)
            let second = try await fixture.link.notifications(of: Fixture.second)
            try await fixture.tell(1)
            try await fixture.tell(2, of: Fixture.second)
            try await fixture.tell(3)
            #expect(await Fixture.take(2, of: first) == [[1], [3]])
            #expect(await Fixture.take(2, of: again) == [[1], [3]])
            #expect(await Fixture.take(1, of: second) == [[2]])
        }
    }

    @Test("Values end with the link, and what was told before is still read")
    func end() async throws {
        try await Fixture.run { fixture in
            let values = try await fixture.link.notifications(of: Fixture.first)
            try await fixture.tell(7)
            try await fixture.bluez.tell(["do": "drop"])
            #expect(await Fixture.take(100, of: values) == [[7]])
            let after = await fixture.refusal()
            #expect(after?.kind == .disconnected)
        }
    }

    @Test("Values end with bluetoothd")
    func daemonGoes() async throws {
        try await Fixture.run { fixture in
            let values = try await fixture.link.notifications(of: Fixture.first)
            try await fixture.bluez.tell(["do": "bluetoothd", "running": false])
            #expect(await Fixture.take(1, of: values).isEmpty)
            let after = await fixture.refusal()
            #expect(after?.kind == .unavailable)
        }
    }

    @Test("A reader that falls behind loses the oldest values, not the last")
    func backlog() async throws {
        try await Fixture.run { fixture in
            let slow = try await fixture.link.notifications(of: Fixture.first)
            let mark = try await fixture.link.notifications(of: Fixture.second)
            try await Self.tell(0...199, fixture)
            try await Self.tell(0...99, fixture)
            try await fixture.tell(1, of: Fixture.second)
            // BlueZ's signals are taken up one after the other: all others were before it.
            #expect(await Fixture.take(1, of: mark) == [[1]])
            let taken = await Fixture.take(256, of: slow)
            #expect(taken.first == [44] && taken.last == [99])
        }
    }

    @Test("Nobody asks for values any more once the session's connection to the bus is closed")
    func stop() async throws {
        try await Fixture.run { fixture in
            _ = try await fixture.link.notifications(of: Fixture.first)
            #expect(try await fixture.bluez.notifying() == [Fixture.first.description])
            await fixture.bus.close()
            try await eventually("BlueZ has stopped them") { try await fixture.bluez.notifying().isEmpty }
        }
    }

    @Test(
        "Notifications that cannot be begun say why",
        arguments: [
            ("error:NotPermitted:Not permitted", GATTError.Kind.notPermitted), ("att:05", .notAuthorized),
            ("att:80", .attribute(0x80)), ("drop", .unlikely),
        ])
    func refused(fault: String, kind: GATTError.Kind) async throws {
        try await Fixture.run(faults: ["notify": [.string(fault)]]) { fixture in
            let refusal = await fixture.refusal()
            #expect(refusal?.kind == kind)
        }
    }

    @Test("A characteristic that tells nothing, or is not there, cannot be listened to")
    func notOffered() async throws {
        try await Fixture.run { fixture in
            let silent = await fixture.refusal(of: Fixture.silent)
            let absent = await fixture.refusal(of: GATTUUID(short: 0xFFF9))
            #expect(silent?.kind == .notPermitted)
            #expect(absent?.kind == .notFound)
        }
    }

    @Test(
        "Notifications that are never answered are given up",
        arguments: [("silent", Duration.seconds(35), GATTError.Kind.timedOut), ("deaf", .seconds(3), .disconnected)])
    func unanswered(fault: String, limit: Duration, kind: GATTError.Kind) async throws {
        try await Fixture.run(faults: ["notify": [.string(fault)]]) { fixture in
            let outcome = Locked<GATTError??>(nil)
            let task = Task {
                let refusal = await fixture.refusal()
                outcome.withLock { $0 = .some(refusal) }
            }
            try await eventually("it is asked") { try await fixture.bluez.count("notify-\(fault)") == 1 }
            let begin = fixture.clock.now
            try await eventually("it is given up") {
                if outcome.value != nil { return true }
                fixture.clock.advance(by: .milliseconds(250))
                return false
            }
            await task.value
            #expect((outcome.value ?? nil)?.kind == kind)
            #expect(begin.duration(to: fixture.clock.now) >= limit)
        }
    }

    // MARK: - Long values

    @Test("A value of 512 bytes is BlueZ's to cut, at an MTU of 23; a longer one is not even tried")
    func long() async throws {
        try await Fixture.run { fixture in
            let long = [UInt8](repeating: 0x41, count: 512)
            #expect(await fixture.refusal(writing: long) == nil)
            let tooLong = await fixture.refusal(writing: long + [0x41])
            #expect(tooLong?.kind == .invalidLength)
            let stored = try await fixture.bluez.stored()
            let writes = try await fixture.bluez.count("write-")
            #expect(stored == [String(repeating: "A", count: 512)])
            #expect(writes == 1)
        }
    }

    // MARK: - Improv

    @Test("An Improv device tells of itself")
    func information() async throws {
        let device = ImprovDevice()
        let played = try await DevicePlayer.settings(of: device, [:])
        let services = try #require(played["services"])
        try await Fixture.run(faults: ["relay": true, "services": services]) { fixture in
            try await DevicePlayer.run(device, on: fixture.bluez) {
                let information = try await ImprovDialect(clock: fixture.clock).information(over: fixture.link)
                #expect(information?.firmware == "ESPHome" && information?.deviceName == "kitchen")
            }
        }
    }
}
