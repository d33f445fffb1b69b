import GRDB
import StationCore
import StationData
import StationTestSupport

/// A station on a file of its own, with clocks that only the test moves.
///
///     try await TestStation.run { station in
///         let lamp = try await station.add("Lamp", type: "light")
///         await station.hear(.state(["on": true], measuredAt: nil), from: lamp)
///     }
struct TestStation {
    static let stationID = "station-1"

    let path: String
    let clock: ManualClock
    let settings: HubSettings
    let registry: DeviceTypeRegistry
    let metrics = MetricRegistry()
    let health = HealthBoard()
    let database: StationDatabase
    let hub: StationHub

    private init(
        path: String, clock: ManualClock, settings: HubSettings, registry: DeviceTypeRegistry
    ) async throws {
        self.path = path
        self.clock = clock
        self.settings = settings
        self.registry = registry
        self.database = try StationDatabase.open(path: path)
        self.hub = try await StationHub.open(
            database: self.database, registry: registry, settings: settings, clock: clock, metrics: self.metrics,
            health: self.health
        )
    }

    static func run(
        settings: HubSettings = HubSettings(), registry: DeviceTypeRegistry = DeviceTypeRegistry(),
        _ body: (TestStation) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.run { directory in
            let station = try await TestStation(
                path: directory.path("station.sqlite"), clock: ManualClock(), settings: settings, registry: registry
            )
            try await body(station)
        }
    }

    /// What the next start of the agent finds; this one is over and, unless told to, has written nothing more.
    func restarted(flushing: Bool = true) async throws -> TestStation {
        if flushing { try await self.hub.flushEverything() }
        try self.database.close()
        return try await TestStation(
            path: self.path, clock: self.clock, settings: self.settings, registry: self.registry
        )
    }

    /// Another process on the same file, such as `station-agent device add`.
    func commandLine() async throws -> StationHub {
        try await StationHub.open(
            database: StationDatabase.open(path: self.path), registry: self.registry, clock: self.clock
        )
    }

    // MARK: Devices

    func add(_ name: String = "Device", type: String? = nil, externalID: String? = nil) async throws -> Device {
        let new = NewDevice(name: name, type: type, externalID: externalID.flatMap { ExternalID($0) })
        return try await self.hub.addDevice(new).device
    }

    /// A device that has been heard and is online.
    func addOnline(_ name: String = "Device", type: String? = nil, externalID: String? = nil) async throws -> Device {
        let device = try await self.add(name, type: type, externalID: externalID)
        await self.hear(.heartbeat, from: device)
        return device
    }

    @discardableResult
    func change(_ device: Device, _ body: (inout DeviceChanges) -> Void) async throws -> Device {
        var changes = DeviceChanges()
        body(&changes)
        return try await self.hub.updateDevice(device.id, changes)
    }

    @discardableResult
    func hear(_ content: DeviceReport.Content, from device: Device, isRetained: Bool = false) async -> [HandshakeAnswer]
    {
        await self.hub.ingest([.from(device, content, isRetained: isRetained)])
    }

    // MARK: Time

    /// Lets a second pass, so that everything regular is due that is due at all, and has it done.
    func lookRound() async {
        self.clock.advance(by: .seconds(1))
        await self.hub.lookRound()
    }

    /// Lets time pass as the running agent does, with a look round at every step.
    func live(for duration: Duration, step: Duration = .seconds(1)) async {
        var left = duration
        while left > .zero {
            self.clock.advance(by: min(step, left))
            left -= step
            await self.hub.lookRound()
        }
    }

    // MARK: The file

    /// Reads or writes the file through a connection of its own, as `sqlite3` would.
    func sql<Result>(_ body: (Database) throws -> Result) throws -> Result {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: self.path, configuration: configuration)
        let result = try queue.inDatabase(body)
        try queue.close()
        return result
    }

    func execute(_ sql: String) throws {
        try self.sql { try $0.execute(sql: sql) }
    }

    /// How many rows of a table match.
    func count(_ table: String, where condition: String = "true") throws -> Int {
        try self.sql { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table) WHERE \(condition)") ?? 0 }
    }

    /// What a counter with a label stands at in `/metrics`, 0 when it is not there.
    func metric(_ line: String) -> Int {
        self.metrics.prometheusText.split(separator: "\n").first { $0.hasPrefix(line + " ") }
            .flatMap { Int($0.dropFirst(line.utf8.count + 1)) } ?? 0
    }
}

extension StationHub {
    /// Takes up reports to which nobody waits for an answer.
    func hear(_ reports: [DeviceReport]) async {
        _ = await self.ingest(reports)
    }
}

extension DeviceReport {
    static let address = DeviceAddress(dialect: .smarthome, scope: TestStation.stationID)

    static func from(_ device: Device, _ content: Content, isRetained: Bool = false) -> DeviceReport {
        DeviceReport(
            sender: device.externalID, address: self.address, content: content, isRetained: isRetained
        )
    }

    static func from(_ name: String, _ content: Content, isRetained: Bool = false) throws -> DeviceReport {
        guard let sender = ExternalID(name) else { throw StoreError.invalid(field: "externalId", message: name) }
        return DeviceReport(sender: sender, address: self.address, content: content, isRetained: isRetained)
    }
}

extension DeviceReport.Content {
    static func state(_ patch: JSONObject) -> DeviceReport.Content {
        .state(patch, measuredAt: nil)
    }

    static func hello(
        type: String? = nil, firmware: String? = nil, chip: String? = nil, kitTag: String? = nil
    ) -> DeviceReport.Content {
        .handshake(Handshake(type: type, firmwareVersion: firmware, chip: chip, kitTag: kitTag))
    }
}

extension StoreError {
    /// The field that cannot be kept; `nil` for any other fault.
    var invalidField: String? {
        if case .invalid(let field, _) = self { field } else { nil }
    }

    var isUnavailable: Bool {
        if case .unavailable = self { true } else { false }
    }
}
