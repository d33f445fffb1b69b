import LabCloud
import StationCore
import StationTestSupport
import Testing

@testable import CloudLink
@testable import StationData

@Suite("A cloud that is away, deaf or half dead", .timeLimit(.minutes(3)))
struct CloudAbsenceTests {
    private static let minutes = 60
    /// Of the hundred things in a minute, those that wait for the cloud.
    private static let durablePerMinute = 60

    // MARK: Away

    @Test(
        "After an hour with 100 events a minute everything durable comes, in its order and once, and of states the last"
    )
    func away() async throws {
        try await AbsenceBench.run { bench in
            try await bench.delivered()
            let position = bench.position
            await bench.lab.leave()
            try await bench.reach(.offline)
            for minute in 0..<Self.minutes {
                try await bench.minute(minute)
                #expect(bench.hub.outboxDepth == (minute + 1) * Self.durablePerMinute)
                #expect(bench.hub.outboxDepth <= 10_000)
                #expect(bench.state != .authenticated)
            }
            #expect(bench.health[.cloud]?.status == .degraded)
            let waiting = try await bench.waiting()

            try await bench.lab.comeBack()
            try await bench.comeBack()
            try await bench.delivered()
            let told = bench.durable(after: position)
            #expect(told.map { $0["params", "eventId"]?.stringValue } == waiting.map(\.eventID))
            #expect(told.map { $0["method"]?.stringValue } == waiting.map(\.method))
            #expect(told.map { $0["params"]?.objectValue } == waiting.map(\.params))
            #expect(Set(waiting.map(\.eventID)).count == waiting.count)
            #expect(bench.station?.duplicates == 0)
            try Self.checkStates(bench, after: position)
            try Self.checkPairs(told)
        }
    }

    /// Of each device that has a state the newest came, once.
    private static func checkStates(_ bench: AbsenceBench, after position: Int) throws {
        let states = bench.notes(after: position).filter { $0["method"] == "device.stateChanged" }
        let ids = states.compactMap { $0["params", "deviceId"]?.stringValue }
        #expect(ids.count == AbsenceBench.meters)
        #expect(Set(ids).count == ids.count)
        for state in states {
            let id = try #require(state["params", "deviceId"]?.stringValue.flatMap(DeviceID.init))
            let known = try #require(bench.hub.device(id)?.lastKnownState)
            #expect(state["params", "state"] == .object(known))
        }
    }

    /// Every alert ends after it has begun; every status is another than the one before.
    private static func checkPairs(_ told: [JSONValue]) throws {
        var open: Set<JSONValue> = []
        var statuses: [JSONValue: JSONValue] = [:]
        var opened = 0
        for note in told {
            let params = try #require(note["params"])
            switch note["method"] {
            case "alert.opened":
                opened += 1
                #expect(open.insert(params["alertId"] ?? .null).inserted)
            case "alert.resolved": #expect(open.remove(params["alertId"] ?? .null) != nil)
            case "device.statusChanged":
                let status = params["status"] ?? .null
                #expect(statuses.updateValue(status, forKey: params["deviceId"] ?? .null) != status)
            default: break
            }
        }
        #expect(open.isEmpty)
        #expect(opened == Self.minutes * AbsenceBench.meters)
        #expect(statuses.values.allSatisfy { $0 == "online" })
    }

    @Test("An outbox that is full has the newest 10 000 rows at most, and gives up what newer rows replace")
    func fullOutbox() async throws {
        try await AbsenceBench.run { bench in
            try await bench.delivered()
            let position = bench.position
            await bench.lab.leave()
            try await bench.reach(.offline)
            _ = try await bench.hub.addDevices((0..<8_000).map { NewDevice(name: "Lamp \($0)") })
            for minute in 0..<45 {
                try await bench.minute(minute)
                #expect(bench.hub.outboxDepth <= 10_000)
            }
            let waiting = try await bench.waiting()
            #expect((9_800...10_000).contains(waiting.count))
            // What nothing newer replaces is all there.
            #expect(waiting.count { $0.method == "device.created" } == 8_000 + 45 * 10)
            #expect(waiting.count { $0.method == "alert.opened" } == 45 * AbsenceBench.meters)
            #expect(waiting.count { $0.method == "alert.resolved" } == 45 * AbsenceBench.meters)
            try await bench.lab.comeBack()
            try await bench.comeBack()
            try await bench.delivered()
            #expect(
                bench.durable(after: position).map { $0["params", "eventId"]?.stringValue } == waiting.map(\.eventID))
            #expect(bench.station?.duplicates == 0)
        }
    }

    // MARK: There, and nobody reads

    @Test(
        "While a connected cloud reads nothing, an hour takes one place for each device and a few hundred for the rest")
    func nobodyReads() async throws {
        try await TemporaryDirectory.run { directory in
            let clock = ManualClock()
            let hub = try await StationHub.open(
                database: StationDatabase.open(path: directory.path("station.sqlite")), clock: clock)
            try await hub.claim(with: Secret("token"))
            try await hub.setCloudChannels(Set(CloudChannel.allCases))
            let session = CloudSession(
                hub: hub, commander: DeviceCommander(hub: hub, channel: ChannelDouble(), clock: clock),
                legacy: IdentityDouble(), clock: clock, metrics: MetricRegistry(), logger: LogRecorder().logger
            )
            do {
                try await eventually("the session listens") { hub.events.hasSubscribers }
                try await Self.fill(hub, clock)
                let texts = try await Self.read(session, hub)
                let methods = texts.compactMap { $0["method"]?.stringValue }
                #expect(methods.count { $0 == "device.created" } == Self.chatterers)
                // Those that wait in the buffer, those that were taken out of it, and those in the queue.
                #expect((1...Self.chatterers * 4).contains(methods.count { $0 == "device.stateChanged" }))
                #expect((1...256 + 64 + 32 + 8).contains(methods.count { $0 == "device.eventReceived" }))
            } catch {
                await session.end()
                throw error
            }
            await session.end()
        }
    }

    private static let chatterers = 20

    private static func fill(_ hub: StationHub, _ clock: ManualClock) async throws {
        let new = (0..<Self.chatterers).map { NewDevice(name: "Device \($0)") }
        let devices = try await hub.addDevices(new).map(\.device)
        for minute in 0..<Self.minutes {
            for step in 0..<100 {
                let device = devices[step % Self.chatterers]
                let level = JSONValue.integer(Int64(minute * 100 + step))
                await CloudBench.hear(.state(["level": level], measuredAt: nil), from: device, by: hub)
                await CloudBench.hear(.event(.deviceEvent, data: ["n": level]), from: device, by: hub)
            }
            clock.advance(by: .seconds(60))
        }
    }

    /// Reads what there is until something passing has come and nothing more comes between two marks.
    private static func read(_ session: CloudSession, _ hub: StationHub) async throws -> [JSONValue] {
        let mark = "test.mark"
        var texts: [JSONValue] = []
        var countAtMark = -1
        try await hub.askCloud(mark, [:])
        for await text in session.outgoing {
            let json = try JSONValue.parse(text)
            session.sent()
            guard json["method"]?.stringValue == mark else {
                texts.append(json)
                continue
            }
            let isPassingThere = texts.contains { $0["method"] == "device.eventReceived" }
            if texts.count == countAtMark, isPassingThere { break }
            countAtMark = texts.count
            try await hub.askCloud(mark, [:])
        }
        return texts
    }

    // MARK: Deaf

    @Test("A cloud that never acknowledges has what it was told before a ping that it answered; nothing is told twice")
    func neverAcknowledges() async throws {
        var habits = LabHabits()
        habits.acknowledges = false
        try await AbsenceBench.run(habits) { bench in
            let depth = bench.hub.outboxDepth
            #expect(depth > 0)
            try await Self.settle(bench)
            for minute in 0..<5 {
                try await bench.minute(minute)
                try await Self.settle(bench)
            }
            #expect(bench.state == .authenticated)
            #expect(!bench.hub.cloudAcknowledges)
            #expect(bench.station?.authentications == 1)
            #expect(bench.station?.duplicates == 0)
            let told = bench.durable()
            let ids = told.compactMap { $0["params", "eventId"]?.stringValue }
            #expect(Set(ids).count == ids.count)
            #expect(ids.count >= 5 * Self.durablePerMinute)

            // What it was told and had no time to answer for is told again, under the same id.
            try await bench.minute(5)
            try await eventually("it is told") { bench.durable().count >= told.count + Self.durablePerMinute }
            let before = bench.hub.outboxDepth
            await bench.lab.strike(.drop)
            try await bench.reach(.offline)
            try await bench.comeBack()
            try await Self.settle(bench)
            let all = bench.durable()
            #expect(bench.station?.duplicates == all.count - Set(all).count)
            #expect(Set(all).count == Set(all.compactMap { $0["params", "eventId"] }).count)
            #expect(all.count - Set(all).count <= before)
        }
    }

    /// Lets pings go out until their answers have settled everything.
    private static func settle(_ bench: AbsenceBench) async throws {
        var looks = 0
        try await eventually(within: .seconds(60), "\(bench.hub.outboxDepth) rows are settled") {
            if bench.hub.outboxDepth == 0 { return true }
            // A ping now and then: the station takes a hundred pongs while its clock stands still.
            if looks % 40 == 0 { bench.uplink.networkChanged() }
            looks += 1
            return false
        }
    }

    // MARK: Half dead

    @Test("A half-open link is dropped when a second ping is due, and after it nothing is missing")
    func halfOpen() async throws {
        try await AbsenceBench.run { bench in
            try await bench.delivered()
            let position = bench.position
            var habits = LabHabits()
            habits.isHalfOpen = true
            bench.lab.behave(habits)
            let ids = try await Self.happenings(bench)
            try await Self.loseSilently(bench)
            #expect(bench.hub.outboxDepth == ids.count)

            // Even the next connection leads nowhere.
            bench.endPause()
            try await bench.reach(.connecting)
            bench.clock.advance(by: .seconds(15))
            try await bench.reach(.offline)
            #expect(bench.uplink.status.lastError?.contains("15") == true, "\(bench.uplink.status.lastError ?? "")")
            bench.lab.behave(LabHabits())
            try await bench.comeBack()
            try await bench.delivered()
            let told = bench.durable(after: position).compactMap { $0["params", "eventId"]?.stringValue }
            #expect(told == ids)
            #expect(bench.station?.duplicates == 0, "nothing of it had arrived")
            #expect(bench.station?.authentications == 2)
        }
    }

    @Test("Where only the acknowledgements were lost, the same is told again under the same ids")
    func lostAcknowledgements() async throws {
        try await AbsenceBench.run { bench in
            try await bench.delivered()
            let position = bench.position
            var deaf = LabHabits()
            deaf.acknowledges = false
            bench.lab.behave(deaf)
            let ids = try await Self.happenings(bench)
            try await eventually("it has come") { bench.durable(after: position).count == ids.count }
            var halfOpen = LabHabits()
            halfOpen.isHalfOpen = true
            bench.lab.behave(halfOpen)
            try await Self.loseSilently(bench)
            #expect(bench.hub.outboxDepth == ids.count)
            bench.lab.behave(LabHabits())
            try await bench.comeBack()
            try await bench.delivered()
            let told = bench.durable(after: position)
            #expect(told.compactMap { $0["params", "eventId"]?.stringValue } == ids + ids)
            #expect(Array(told.prefix(ids.count)) == Array(told.suffix(ids.count)))
            #expect(bench.station?.duplicates == ids.count)
        }
    }

    /// The ping of the beat goes out and is not answered; with the next beat the link is given up.
    private static func loseSilently(_ bench: AbsenceBench) async throws {
        try await bench.pass(.seconds(30))
        try await bench.pass(.seconds(29))
        #expect(bench.state == .authenticated, "nobody can know yet")
        bench.clock.advance(by: .seconds(1))
        try await bench.reach(.offline)
        #expect(bench.uplink.status.lastError == "no answer to a ping")
    }

    /// Lets things happen, and gives the ids under which the cloud is to hear of them.
    private static func happenings(_ bench: AbsenceBench) async throws -> [String] {
        try await bench.minute(0, isQuick: true)
        let ids = try await bench.waiting().map(\.eventID)
        try #require(ids.count == Self.durablePerMinute)
        return ids
    }
}
