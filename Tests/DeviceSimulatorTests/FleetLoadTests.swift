import DeviceSimulator
import MQTTTransport
import StationCore
import StationTestSupport
import Testing

@Suite("A fleet as load generator")
struct FleetLoadTests {
    /// The numbers that the station heard of each device, in their order.
    static func sequences(_ station: StationPeer) throws -> [String: [Int64]] {
        var sequences: [String: [Int64]] = [:]
        for message in station.heard("state") {
            let state = try #require(JSONValue.parse(message.text).objectValue?["state"]?.objectValue)
            guard case .integer(let number)? = state["seq"] else { continue }
            sequences[message.device, default: []].append(number)
        }
        return sequences
    }

    @Test("sends exactly as many messages as it is to, without gap, and all arrive", arguments: [1, 2])
    func exactCount(loops: Int) async throws {
        try await BrokerProcess.run { broker in
            let endpoint = try MQTTEndpoint(url: broker.url)
            try await StationPeer.run(on: endpoint) { station in
                let devices = try VirtualDeviceType.allCases.flatMap { try VirtualDeviceProfile.series($0, count: 3) }
                var plan = try impatientPlan(broker, devices)
                plan.loops = loops
                plan.behaviour.handshakeInterval = .seconds(5)
                var load = LoadPlan(rate: 2_000)
                load.qos = .atLeastOnce
                load.sequenceKey = "seq"
                load.messageLimit = 1_001
                plan.load = load
                try await VirtualFleet.run(plan) { fleet in
                    try await fleet.waitUntilDone()
                    let snapshot = await fleet.snapshot()
                    #expect(snapshot.load?.sent == 1_001)
                    #expect(snapshot.load?.planned == 1_001)
                    #expect(snapshot.load?.isFinished == true)
                    #expect(snapshot.tally.sent.state == 1_001)
                    #expect(snapshot.unacknowledged == 0)
                    // Paced, not at once: 1001 messages at 2000 a second cannot be through earlier.
                    #expect(try #require(snapshot.load).elapsed >= .milliseconds(499))
                    try await eventually("all arrive") { station.heard("state").count >= 1_001 }
                    let sequences = try Self.sequences(station)
                    #expect(sequences.count == 12)
                    #expect(sequences.values.reduce(0) { $0 + $1.count } == 1_001)
                    for numbers in sequences.values {
                        #expect(numbers == (1...Int64(numbers.count)).map { $0 })
                        #expect((83...84).contains(numbers.count))
                    }
                }
            }
        }
    }

    @Test("in load mode devices report nothing of their own but obey")
    func obeysUnderLoad() async throws {
        try await BrokerProcess.run { broker in
            try await StationPeer.run(on: try MQTTEndpoint(url: broker.url)) { station in
                var plan = try impatientPlan(broker)
                plan.behaviour = DeviceBehaviour()
                var load = LoadPlan(rate: 0.001)
                load.qos = .atLeastOnce
                plan.load = load
                try await VirtualFleet.run(plan) { fleet in
                    try await eventually("the first of the load") { await fleet.snapshot().load?.sent == 1 }
                    try await station.command(turnOn, to: sampleLight)
                    try await eventually("both") { station.heard("state").count == 2 }
                    #expect(station.heard("state").last?.text == #"{"state":{"on":true,"brightness":100}}"#)
                }
            }
        }
    }

    @Test("does not wait for a station when it need not")
    func withoutStation() async throws {
        try await BrokerProcess.run { broker in
            try await StationPeer.run(on: try MQTTEndpoint(url: broker.url), answering: .silence) { station in
                var plan = try impatientPlan(broker, try VirtualDeviceProfile.series(.climate, count: 4))
                var load = LoadPlan(rate: 10_000)
                load.start = .connected
                load.messageLimit = 400
                load.qos = .atLeastOnce
                plan.load = load
                try await VirtualFleet.run(plan) { fleet in
                    try await fleet.waitUntilDone()
                    try await eventually("all arrive") { station.heard("state").count == 400 }
                    #expect(await fleet.snapshot().accepted == 0)
                }
            }
        }
    }

    @Test("begins with those who are ready when patience is over")
    func patience() async throws {
        try await BrokerProcess.run { broker in
            try await StationPeer.run(on: try MQTTEndpoint(url: broker.url), answering: .silence) { station in
                station.answerNext([.ok])
                var plan = try impatientPlan(broker, try VirtualDeviceProfile.series(.climate, count: 2))
                plan.behaviour.handshakeInterval = .seconds(60)
                var load = LoadPlan(rate: 10_000)
                load.patience = .milliseconds(700)
                load.messageLimit = 50
                load.qos = .atLeastOnce
                plan.load = load
                try await VirtualFleet.run(plan) { fleet in
                    try await fleet.waitUntilDone()
                    try await eventually("all arrive") { station.heard("state").count == 50 }
                    #expect(Set(station.heard("state").map(\.device)).count == 1)
                    #expect(await fleet.snapshot().accepted == 1)
                }
            }
        }
    }

    @Test("ends when its duration is over")
    func duration() async throws {
        try await BrokerProcess.run { broker in
            try await StationPeer.run(on: try MQTTEndpoint(url: broker.url)) { _ in
                var plan = try impatientPlan(broker, try VirtualDeviceProfile.series(.climate, count: 2))
                plan.load = LoadPlan(rate: 100)
                plan.duration = .milliseconds(300)
                try await VirtualFleet.run(plan) { fleet in
                    try await fleet.waitUntilDone()
                    let load = try #require(await fleet.snapshot().load)
                    #expect(load.isFinished)
                    #expect(load.elapsed >= .milliseconds(300))
                    // So many as are due in that time; a machine that is very slow may not be through with them.
                    #expect(load.planned == 30)
                    #expect(load.sent <= 30)
                }
            }
        }
    }

    @Test("goes on after the broker was away, without skipping a number")
    func brokerAway() async throws {
        try await BrokerProcess.run { broker in
            let endpoint = try MQTTEndpoint(url: broker.url)
            var plan = try impatientPlan(broker, try VirtualDeviceProfile.series(.climate, count: 4))
            var load = LoadPlan(rate: 400)
            load.start = .connected
            load.sequenceKey = "seq"
            plan.load = load
            try await VirtualFleet.run(plan) { fleet in
                try await eventually("under way") { await fleet.snapshot().load?.sent ?? 0 > 100 }
                await broker.kill()
                try await eventually("all notice") { await fleet.snapshot().connected == 0 }
                let before = try #require(await fleet.snapshot().load).sent
                try await broker.start()
                try await StationPeer.run(on: endpoint, answering: .silence) { station in
                    try await eventually("caught up") {
                        guard let load = await fleet.snapshot().load else { return false }
                        return load.sent > before + 200 && load.planned - load.sent < 40
                    }
                    for numbers in try Self.sequences(station).values {
                        for (one, next) in zip(numbers, numbers.dropFirst()) { #expect(next == one + 1) }
                    }
                }
            }
        }
    }
}
