import Logging
import PollLoop
import ServiceLifecycle
import StationCore
import StationData
import StationTestSupport
import SystemBus
import Testing

@testable import BLEProvision

/// A provisioner on a private bus with a fake BlueZ, a store in memory and a clock that stands still.
final class ProvisionerFixture: Sendable {
    static let lamp = "24:0A:C4:00:00:01"
    static let password = "correct horse"

    let bus: PrivateBus
    let bluez: FakeBlueZProcess
    let clock = ManualClock()
    let hub: StationHub
    let health = HealthBoard()
    let log = LogRecorder()
    let provisioner: Provisioner
    /// When the radio was to be left alone, and when no more.
    let quiet = Locked<[Bool]>([])
    private let loop: LoopThread
    private let group: ServiceGroup
    private let running: Task<Void, any Error>

    private init(
        _ bus: PrivateBus, _ bluez: FakeBlueZProcess, _ database: StationDatabase?, _ block: RadioBlock,
        _ change: (inout ProvisionerConfiguration) -> Void
    ) async throws {
        self.bus = bus
        self.bluez = bluez
        self.loop = try LoopThread(name: "provisioner")
        self.hub = try await StationHub.open(
            database: try database ?? StationDatabase.inMemory(), clock: self.clock, health: self.health)
        var configuration = ProvisionerConfiguration(
            bus: .address(bus.address), mqttHost: "pi.local", stationID: try #require(StationID("station-1")))
        change(&configuration)
        self.provisioner = Provisioner(
            configuration: configuration,
            dialects: [
                SmartHomeDialect(SmartHomeOptions(isNameEnough: configuration.scansAll)),
                ImprovDialect(clock: self.clock), EspressifDialect(clock: self.clock),
            ],
            hub: self.hub, logins: NoLoginProjection(), loop: self.loop, health: self.health, clock: self.clock,
            logger: self.log.logger,
            block: block,
            setQuiet: { [quiet] isQuiet in quiet.withLock { $0.append(isQuiet) } })
        let group = ServiceGroup(services: [self.provisioner], logger: self.log.logger)
        self.group = group
        self.running = Task { try await group.run() }
    }

    /// A machine without switches.
    static let noBlock = RadioBlock(directory: "/nonexistent", device: "/nonexistent")

    /// Starts everything, runs `body` and stops everything, whatever happens.
    static func run(
        devices: [JSONValue] = [["name": "SH_lamp"]], settings: JSONObject = [:], database: StationDatabase? = nil,
        block: RadioBlock = ProvisionerFixture.noBlock, _ change: (inout ProvisionerConfiguration) -> Void = { _ in },
        _ body: (ProvisionerFixture) async throws -> Void
    ) async throws {
        try await PrivateBus.run { bus in
            try await FakeBlueZProcess.run(on: bus, devices: devices, settings: settings) { bluez in
                let fixture = try await ProvisionerFixture(bus, bluez, database, block, change)
                do {
                    try await body(fixture)
                } catch {
                    try await fixture.stop()
                    throw error
                }
                try await fixture.stop()
            }
        }
    }

    /// Starts a provisioner that the test stops itself.
    static func start(
        _ bus: PrivateBus, _ bluez: FakeBlueZProcess, _ database: StationDatabase
    ) async throws -> ProvisionerFixture {
        try await ProvisionerFixture(bus, bluez, database, Self.noBlock) { _ in }
    }

    func stop() async throws {
        await self.group.triggerGracefulShutdown()
        try await self.running.value
        self.loop.stop()
    }

    // MARK: Watching

    /// Watches, and keeps what is told.
    func watch() -> WatchRecorder { WatchRecorder(self.provisioner.watch()) }

    /// Watches until such a candidate is in sight.
    func watch(until id: String) async throws -> WatchRecorder {
        let watch = self.watch()
        try await self.wait("\(id) is a candidate") { watch.candidates.contains(id) }
        return watch
    }

    /// Waits while time goes on, by so much with each look.
    func wait(
        _ what: String, step: Duration = .milliseconds(20), _ condition: () async throws -> Bool
    ) async throws {
        try await eventually(what) {
            if try await condition() { return true }
            self.clock.advance(by: step)
            return false
        }
    }

    /// Waits until the fake was called so, then lets time pass at once.
    func pass(_ duration: Duration, after call: String, times: Int = 1) async throws {
        try await self.wait("\(call) was called \(times) times") { try await self.bluez.count(call) >= times }
        self.clock.advance(by: duration)
    }

    // MARK: Provisioning

    func request(_ id: String = "lamp", proof: String? = nil) throws -> ProvisioningRequest {
        ProvisioningRequest(
            externalID: try #require(ExternalID(id)),
            wifi: WiFiCredentials(ssid: Array("Casa".utf8), password: Secret(Self.password)),
            proofOfPossession: proof.map { Secret($0) })
    }

    /// Adds a candidate; the device's id.
    @discardableResult
    func add(_ id: String = "lamp", proof: String? = nil) async throws -> DeviceID {
        try await self.provisioner.add(try self.request(id, proof: proof)).deviceID
    }

    /// The refusal of an attempt to add; nil for none.
    func refusal(_ id: String) async throws -> ProvisioningRefusal? {
        let request = try self.request(id)
        do throws(ProvisioningRefusal) {
            _ = try await self.provisioner.add(request)
            return nil
        } catch {
            return error
        }
    }

    /// The device comes to the broker.
    func shakeHands(_ id: String = "lamp") async throws {
        let sender = try #require(ExternalID(id))
        let handshake = Handshake(type: nil, firmwareVersion: "1.0", chip: nil, kitTag: nil)
        _ = await self.hub.ingest([DeviceReport(sender: sender, address: nil, content: .handshake(handshake))])
    }

    /// Waits until the device has the settings and its handshake is waited for.
    func waitUntilWritten(_ watch: WatchRecorder, _ id: String = "lamp") async throws {
        try await self.wait("\(id) is waited for") { watch.steps(id).last == .waitingForDevice }
    }

    /// Waits for the result of a device while time goes on.
    func result(_ watch: WatchRecorder, _ id: String = "lamp") async throws -> WatchRecorder.Result {
        try await self.wait("the result of \(id)") { watch.result(id) != nil }
        return try #require(watch.result(id))
    }

    /// Adds the lamp, has it shake hands once it has the settings, and gives its result.
    func provision() async throws -> (result: WatchRecorder.Result, watch: WatchRecorder) {
        let watch = try await self.watch(until: "lamp")
        try await self.add()
        try await self.waitUntilWritten(watch)
        try await self.shakeHands()
        return (try await self.result(watch), watch)
    }
}
