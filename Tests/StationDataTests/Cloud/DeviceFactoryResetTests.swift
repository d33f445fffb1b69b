import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Sending all devices back to how they left the factory")
struct DeviceFactoryResetTests {
    /// A broker that is away, takes nothing in time, or takes what comes.
    private final class Broker: CommandChannel {
        enum Behaviour: Sendable {
            case takes, isAway, hangs
        }

        let behaviour = Locked(Behaviour.takes)
        let sent = Locked<[String]>([])
        let tries = Locked(0)

        func send(_ command: DeviceCommand, to target: CommandTarget) async throws {
            self.tries.withLock { $0 += 1 }
            switch self.behaviour.value {
            case .isAway: throw CommandDeliveryError.brokerUnavailable("away")
            case .hangs: try await Task.sleep(for: .seconds(3600))
            case .takes: break
            }
            self.sent.withLock { $0.append("\(target.externalID) \(command.action)") }
        }
    }

    private static func run(
        _ body: (TestStation, Broker, DeviceFactoryReset) async throws -> Void
    ) async throws {
        try await TestStation.run { station in
            let broker = Broker()
            let reset = DeviceFactoryReset(
                hub: station.hub, channel: broker, clock: station.clock, logger: Logger(label: "test")
            )
            try await body(station, broker, reset)
        }
    }

    /// Begins a reset that a test then lets time pass for.
    private static func begin(_ reset: DeviceFactoryReset) -> (task: Task<Void, Never>, isOver: Locked<Bool>) {
        let isOver = Locked(false)
        let task = Task {
            await reset.factoryResetAll(within: .seconds(5))
            isOver.withLock { $0 = true }
        }
        return (task, isOver)
    }

    @Test("Every device is told once, however many there are; none is no matter")
    func everyDevice() async throws {
        try await Self.run { station, broker, reset in
            await reset.factoryResetAll(within: .seconds(5))
            var names: Set<String> = []
            for number in 0..<150 {
                _ = try await station.add("Lamp", type: "light", externalID: "esp-\(number)")
                names.insert("esp-\(number) factory_reset")
            }
            await reset.factoryResetAll(within: .seconds(5))
            #expect(Set(broker.sent.value) == names && broker.sent.value.count == 150)
        }
    }

    @Test("A broker that is away is asked again until it is there")
    func brokerComesBack() async throws {
        try await Self.run { station, broker, reset in
            _ = try await station.add("Lamp", externalID: "esp-1")
            broker.behaviour.withLock { $0 = .isAway }
            let (task, _) = Self.begin(reset)
            try await eventually("it was tried") { broker.tries.value == 1 && station.clock.sleeperCount == 2 }
            broker.behaviour.withLock { $0 = .takes }
            station.clock.advance(by: .milliseconds(250))
            await task.value
            #expect(broker.sent.value == ["esp-1 factory_reset"])
        }
    }

    @Test("A broker that hangs is waited for no longer than said")
    func brokerHangs() async throws {
        try await Self.run { station, broker, reset in
            _ = try await station.add("Lamp", externalID: "esp-1")
            broker.behaviour.withLock { $0 = .hangs }
            let (task, isOver) = Self.begin(reset)
            try await eventually("it waits") { broker.tries.value == 1 && station.clock.sleeperCount == 1 }
            station.clock.advance(by: .seconds(4))
            #expect(!isOver.value)
            station.clock.advance(by: .seconds(1))
            await task.value
            #expect(broker.sent.value == [])
        }
    }
}
