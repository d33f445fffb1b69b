import Logging
import MQTTBridge
import MQTTTransport
import PollLoop
import ServiceLifecycle
import StationCore
import StationData
import StationTestSupport
import Synchronization

/// A hub and its bridge, connected to a broker, run as the daemon runs them and stopped in good order.
///
///     try await BridgeFixture.run { fixture in
///         let lamp = try await fixture.addDevice("lamp")
///         let played = try await fixture.play("lamp")
///         … played.shakeHands() … fixture.hub.device(lamp.id) …
///     }
final class BridgeFixture: Sendable {
    struct Setup {
        var settings = HubSettings(deviceRate: .init(perSecond: 1_000_000, burst: 1_000_000))
        var clock: any StationClock = SystemStationClock()
        /// `nil`: one in memory.
        var database: StationDatabase?
        var retryBase = Duration.milliseconds(20)
        var retryLimit = Duration.milliseconds(100)
        var localRetryLimit = Duration.milliseconds(100)
        var answerDeadline = Duration.seconds(20)
        /// How the bridge logs in.
        var username: String?
        var password: Secret?
        var access = BridgeConfiguration.Access()
        /// Whether `body` begins only when the bridge is connected.
        var waitsForConnection = true
    }

    /// What the bridge's own station is called.
    static let station = "station-1"
    /// Lines of mosquitto.conf: it keeps every message for a bridge that is slow to take them.
    static let patience = ["max_queued_messages 0"]

    let hub: StationHub
    let bridge: DeviceBridge
    let commander: DeviceCommander
    let events: EventRecorder
    let health = HealthBoard()
    let metrics = MetricRegistry()
    let readiness = Readiness([.bridgeTried])
    let log = LogRecorder()
    /// A day before it all began: where tests may date reports from.
    let yesterday: Timestamp
    private let clientPort: Int
    private let bridgeLoop: LoopThread
    private let clientLoop: LoopThread
    private let group: ServiceGroup
    private let running: Task<Void, any Error>
    private let barrier = Mutex<PlayedDevice?>(nil)
    private let clientCount = Atomic(0)

    // MARK: Life

    /// Starts a broker and a bridge, runs `body` and stops both, whatever happens.
    static func run(
        _ setup: Setup = Setup(), isolation: isolated (any Actor)? = #isolation,
        _ body: (BridgeFixture) async throws -> Void
    ) async throws {
        try await BrokerProcess.run(configuration: { _ in Self.patience }) { broker in
            try await Self.run(setup, to: broker.port, body)
        }
    }

    /// Starts a bridge to `port`, runs `body` and stops the bridge.
    ///
    /// - Parameter clientPort: Where the test's own clients connect; `nil`: where the bridge does.
    static func run(
        _ setup: Setup = Setup(), to port: Int, clientPort: Int? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (BridgeFixture) async throws -> Void
    ) async throws {
        let fixture = try await BridgeFixture(setup, port: port, clientPort: clientPort ?? port)
        do {
            if setup.waitsForConnection { try await fixture.waitUntilConnected() }
            try await body(fixture)
        } catch {
            try await fixture.end()
            throw error
        }
        try await fixture.end()
    }

    private init(_ setup: Setup, port: Int, clientPort: Int) async throws {
        let logger = self.log.logger
        self.clientPort = clientPort
        self.yesterday = setup.clock.wallTime.adding(.seconds(-86_400))
        self.bridgeLoop = try LoopThread(name: "bridge")
        self.clientLoop = try LoopThread(name: "clients")
        self.hub = try await StationHub.open(
            database: try setup.database ?? StationDatabase.inMemory(), settings: setup.settings, clock: setup.clock,
            metrics: self.metrics, health: self.health, logger: logger
        )
        guard let stationID = StationID(Self.station) else { throw CancellationError() }
        var configuration = BridgeConfiguration(
            endpoint: MQTTEndpoint(host: "127.0.0.1", port: UInt16(port)), stationID: stationID,
            username: setup.username, password: setup.password, retryBase: setup.retryBase,
            retryLimit: setup.retryLimit, localRetryLimit: setup.localRetryLimit,
            answerDeadline: setup.answerDeadline
        )
        configuration.access = setup.access
        self.bridge = DeviceBridge(
            configuration: configuration, hub: self.hub, loop: self.bridgeLoop, health: self.health,
            metrics: self.metrics, readiness: self.readiness, clock: setup.clock, logger: logger
        )
        self.commander = DeviceCommander(hub: self.hub, channel: self.bridge, clock: setup.clock)
        self.events = EventRecorder(self.hub.events)
        let group = ServiceGroup(services: [self.bridge], logger: logger)
        self.group = group
        self.running = Task { try await group.run() }
    }

    /// Tells the bridge to stop and waits until it has.
    func stop() async throws {
        await self.group.triggerGracefulShutdown()
        try await self.running.value
    }

    /// Tells the bridge to stop.
    func beginToStop() async {
        await self.group.triggerGracefulShutdown()
    }

    private func end() async throws {
        try await self.stop()
        self.events.stop()
        self.clientLoop.stop()
        self.bridgeLoop.stop()
    }

    func waitUntilConnected() async throws {
        try await eventually("the bridge is connected") {
            self.health[.mqtt]?.detail.hasPrefix("connected to") ?? false
        }
    }

    // MARK: Devices

    @discardableResult
    func addDevice(_ name: String, type: String? = nil) async throws -> Device {
        try await self.hub.addDevice(NewDevice(name: name, type: type, externalID: ExternalID(name))).device
    }

    /// A client of its own for each call.
    func client(
        _ id: String? = nil, lastWill: MQTTMessage? = nil, hearing filters: [String] = []
    ) async throws -> BrokerClient {
        let number = self.clientCount.add(1, ordering: .relaxed).newValue
        return try await BrokerClient.connect(
            on: self.clientLoop, to: self.clientPort, id: id ?? "client-\(number)", lastWill: lastWill,
            hearing: BrokerClient.stationsWords + filters
        )
    }

    /// Plays a device, with a client of its own unless one is given.
    func play(
        _ name: String, scope: String = BridgeFixture.station, by client: BrokerClient? = nil
    ) async throws -> PlayedDevice {
        if let client { return PlayedDevice(client: client, scope: scope, name: name) }
        return PlayedDevice(client: try await self.client(), scope: scope, name: name)
    }

    /// Returns when the bridge has dealt with everything that the broker had taken before the call: a device shakes
    /// hands and is answered, and messages are taken up in their order.
    func settle() async throws {
        if let device = self.barrier.withLock({ $0 }), await device.client.connection.isOpen {
            try await device.shakeHands("{}")
            return
        }
        if self.hub.devices().allSatisfy({ $0.name != "barrier" }) { try await self.addDevice("barrier") }
        let device = try await self.play("barrier")
        self.barrier.withLock { $0 = device }
        try await device.shakeHands("{}")
    }
}
