import StationCore
import Testing

@testable import DeviceSimulator

@Suite("A load")
struct LoadTests {
    static let start = MonotonicInstant(sinceOrigin: .seconds(50))

    @Test(
        "is paced exactly: so many are due as the time that has passed asks for",
        arguments: [
            (1.0, 0.0, 1), (1.0, 0.999, 1), (1.0, 1.0, 2), (1000.0, 0.5, 501), (30_000.0, 60.0, 1_800_001),
            (0.1, 9.9, 1), (0.1, 10.0, 2),
        ])
    func due(rate: Double, elapsed: Double, expected: Int) {
        let pacer = LoadPacer(rate: rate, limit: nil, startedAt: Self.start)
        #expect(pacer.due(at: Self.start.advanced(by: .seconds(elapsed))) == expected)
    }

    @Test("catches up when it was late, and keeps its plan")
    func catchesUp() {
        var pacer = LoadPacer(rate: 100, limit: nil, startedAt: Self.start)
        pacer.count(1)
        let late = Self.start.advanced(by: .seconds(2))
        #expect(pacer.due(at: late) == 200)
        pacer.count(150)
        #expect(pacer.due(at: late) == 50)
        pacer.count(50)
        #expect(pacer.due(at: late) == 0)
        #expect(pacer.nextDue == Self.start.advanced(by: .seconds(2.01)))
    }

    @Test("ends at its limit, to the message")
    func limit() {
        var pacer = LoadPacer(rate: 1_000_000, limit: 70, startedAt: Self.start)
        #expect(pacer.due(at: Self.start.advanced(by: .seconds(100))) == 70)
        pacer.count(70)
        #expect(pacer.isFinished)
        #expect(pacer.nextDue == nil)
        #expect(pacer.due(at: Self.start.advanced(by: .seconds(200))) == 0)
    }

    @Test(
        "over a duration is rate times duration, a message limit permitting",
        arguments: [
            (100.0, 3.0, nil, 300), (0.1, 12.0, nil, 2), (100.0, 3.0, 50, 50), (100.0, 3.0, 5_000, 300),
        ])
    func duration(rate: Double, seconds: Double, limit: Int?, expected: Int) {
        var plan = LoadPlan(rate: rate)
        plan.messageLimit = limit
        let pacer = LoadPacer(plan, duration: .seconds(seconds), startedAt: Self.start)
        #expect(pacer.planned(at: Self.start.advanced(by: .seconds(1_000))) == expected)
    }

    @Test("has not begun before its start")
    func beforeStart() {
        let pacer = LoadPacer(rate: 1_000, limit: nil, startedAt: Self.start)
        #expect(pacer.due(at: Self.start.advanced(by: .seconds(-1))) == 0)
    }

    @Test("has payloads as the devices send them, numbered when asked", arguments: VirtualDeviceType.allCases)
    func payloads(type: VirtualDeviceType) throws {
        let known = try #require(DeviceTypeRegistry()[type.rawValue])
        let numbered = LoadPayloads(type: type, sequenceKey: "seq", seed: 4)
        let plain = LoadPayloads(type: type, sequenceKey: nil, seed: 4)
        var keys: Set<String> = []
        for number in [1, 2, 3, 9, 10, 11, 63, 64, 65, 99, 100, 1_234_567_890_123] + Array(12...40) {
            var state = try #require(
                JSONValue.parse(numbered.payload(number: number)).objectValue?["state"]?.objectValue)
            #expect(state["seq"] == .integer(Int64(number)))
            state["seq"] = nil
            let same = try JSONValue.parse(plain.payload(number: number))
            #expect(same == ["state": .object(state)])
            keys.formUnion(state.members.map(\.key))
        }
        #expect(keys == Set(known.capabilities.map(\.key)))
    }

    @Test("has a key of any letters for its numbers")
    func sequenceKey() throws {
        let payloads = LoadPayloads(type: .pir, sequenceKey: "a\"\\b", seed: 4)
        let state = try JSONValue.parse(payloads.payload(number: 5)).objectValue?["state"]?.objectValue
        #expect(state?["a\"\\b"] == 5)
    }
}
