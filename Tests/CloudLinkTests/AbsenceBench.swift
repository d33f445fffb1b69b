import CloudLink
import LabCloud
import StationCore
import StationData
import StationTestSupport
import Testing

/// A station with its store in a file, its link on a clock that the test moves, and a lab cloud in the same process.
final class AbsenceBench: Sendable {
    static let meters = 10

    /// The clock of the station and its link.
    let clock: ManualClock
    let lab: LabCloud
    let hub: StationHub
    let uplink: CloudUplink
    let health = HealthBoard()
    /// Climate devices, of which `meters` have a threshold of 30 °.
    let devices: Locked<[Device]> = Locked([])
    private let lastNumber = Locked(0)

    private init(_ lab: LabCloud, _ hub: StationHub, _ clock: ManualClock) {
        self.clock = clock
        self.lab = lab
        self.hub = hub
        self.uplink = CloudUplink(
            configuration: CloudLinkConfiguration(host: "127.0.0.1", port: lab.port, useTLS: false), hub: hub,
            commander: DeviceCommander(hub: hub, channel: ChannelDouble(), clock: clock), factoryReset: NoReset(),
            health: self.health, metrics: MetricRegistry(), clock: clock, logger: LogRecorder().logger, restart: {}
        )
    }

    private struct NoReset: FactoryReset {
        func factoryResetAll(within time: Duration) async {}
    }

    /// Runs a station that the lab has claimed and that is linked to it.
    static func run(
        _ habits: LabHabits = LabHabits(), _ body: @escaping @Sendable (AbsenceBench) async throws -> Void
    ) async throws {
        var options = LabOptions()
        options.claimsEverybody = true
        options.logCapacity = 1_000_000
        try await LabCloud.run(options: options) { lab in
            lab.behave(habits)
            try await TemporaryDirectory.run { directory in
                try await Self.run(lab, directory.path("station.sqlite"), body)
            }
        }
    }

    private static func run(
        _ lab: LabCloud, _ path: String, _ body: @escaping @Sendable (AbsenceBench) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        var settings = HubSettings()
        settings.chipID = "chip"
        let hub = try await StationHub.open(
            database: StationDatabase.open(path: path), settings: settings, clock: clock)
        let bench = AbsenceBench(lab, hub, clock)
        let running = Task { try await bench.uplink.run() }
        do {
            try await bench.reach(.authenticated)
            try await bench.populate()
            try await body(bench)
        } catch {
            await bench.stop(running)
            throw error
        }
        await bench.stop(running)
    }

    private func stop(_ running: Task<Void, any Error>) async {
        // A farewell to a connection that swallows everything would wait on a clock that nobody moves.
        self.lab.behave(LabHabits())
        running.cancel()
        _ = await running.result
    }

    // MARK: The link

    var state: CloudStatus.State { self.uplink.status.state }
    var station: LabStation? { self.lab.stations.first }

    func reach(_ state: CloudStatus.State) async throws {
        try await eventually("the link is \(state), not \(self.state)") { self.state == state }
    }

    /// Lets just the time pass that a link which pauses still waits.
    func endPause() {
        guard self.state == .offline, let time = self.uplink.status.reconnectAt else { return }
        let pause = time.milliseconds - self.clock.wallTime.milliseconds
        // Once only: more time would count against the connection that is being made.
        if pause > -10 { self.clock.advance(by: .milliseconds(pause + 20)) }
    }

    /// Waits until the link is there, however often it must try.
    func comeBack() async throws {
        try await eventually("the link is back, not \(self.state)") {
            self.endPause()
            return self.state == .authenticated
        }
    }

    /// Lets time pass, and waits until those who were woken sleep again.
    func pass(_ time: Duration) async throws {
        let sleepers = self.clock.sleeperCount
        self.clock.advance(by: time)
        try await eventually("all sleep again") { self.clock.sleeperCount >= sleepers }
    }

    /// Waits until the cloud has everything.
    func delivered() async throws {
        try await eventually(within: .seconds(60), "\(self.hub.outboxDepth) messages are delivered") {
            self.hub.outboxDepth == 0
        }
    }

    // MARK: What happens

    private func number() -> Int {
        self.lastNumber.withLock { number in
            number += 1
            return number
        }
    }

    private func populate() async throws {
        for _ in 0..<Self.meters {
            let device = try await self.add()
            let sensor = try #require(try await self.hub.sensors(of: device.id).first { $0.key == "temperature" })
            _ = try await self.hub.addThreshold(
                NewThreshold(kind: .max, value: 30, clearBand: 1), to: sensor.id, of: device.id)
            await self.hear(.heartbeat, from: device)
        }
    }

    private func add() async throws -> Device {
        let new = NewDevice(name: "Device \(self.number())", type: "climate")
        let device = try await self.hub.addDevice(new).device
        self.devices.withLock { $0.append(device) }
        return device
    }

    private func hear(_ content: DeviceReport.Content, from device: Device) async {
        _ = await self.hub.ingest([DeviceReport(sender: device.externalID, address: nil, content: content)])
    }

    private func rename(_ device: Device) async throws {
        var changes = DeviceChanges()
        changes.name = "Renamed \(self.number())"
        _ = try await self.hub.updateDevice(device.id, changes)
    }

    /// A minute in which a hundred things happen: 20 alerts open and end, 20 statuses change, 20 devices are made or
    /// renamed, 40 states come.
    ///
    /// - Parameter isQuick: Whether all of it happens at once.
    func minute(_ number: Int, isQuick: Bool = false) async throws {
        let meters = Array(self.devices.value.prefix(Self.meters))
        for meter in meters {
            await self.hear(.state(["temperature": 35], measuredAt: nil), from: meter)
            await self.hear(.state(["temperature": 20], measuredAt: nil), from: meter)
            try await self.hub.noteCutOff(meter.id)
            await self.hear(.heartbeat, from: meter)
        }
        for _ in 0..<10 { _ = try await self.add() }
        for meter in meters { try await self.rename(meter) }
        for step in 0..<20 {
            let level = JSONValue.integer(Int64(number * 100 + step))
            await self.hear(.state(["level": level], measuredAt: nil), from: meters[step % Self.meters])
        }
        if !isQuick { self.clock.advance(by: .seconds(60)) }
    }

    // MARK: What the cloud has heard

    /// All notifications of the durable classes since a position in the log, in the order of their coming.
    func durable(after position: Int = 0) -> [JSONValue] {
        let kinds = [
            "device.statusChanged", "device.created", "device.updated", "device.deleted", "alert.opened",
            "alert.resolved",
        ]
        return self.notes(after: position).filter { kinds.contains($0["method"]?.stringValue ?? "") }
    }

    func notes(after position: Int = 0) -> [JSONValue] {
        self.lab.log(after: position, limit: .max).filter { $0.event == .received }.map(\.message)
    }

    /// Where the log ends now.
    var position: Int { self.lab.log(limit: .max).last?.number ?? 0 }

    /// The rows that wait, as the cloud will hear them.
    func waiting() async throws -> [OutboxRow] {
        try await self.hub.outboxRows(after: 0, limit: 100_000)
    }
}
