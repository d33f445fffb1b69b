import GRDB
public import Logging
public import StationCore
import Synchronization

/// The one door to what the station knows: adapters hand in what devices say and ask for what is known.
///
/// Memory first (contract 7, "Clock and storage"): a report is applied to memory, readable and announced at once, and
/// written in groups. What was acknowledged or announced as a fact (identity, status, commands) is committed before.
public final class StationHub: Sendable {
    public let registry: DeviceTypeRegistry
    public let settings: HubSettings
    public let events = EventBus()

    let database: StationDatabase
    let clock: any StationClock
    let metrics: MetricRegistry
    let health: HealthBoard
    let logger: Logger
    let seal: SecretSeal
    let cloudSeal: SecretSeal
    let live: Mutex<LiveStation>
    let upkeep = Mutex(UpkeepState())
    let outbox = OutboxBoard()
    /// Where a device belongs when nothing is said.
    public let defaultPlaceID: PlaceID

    var writer: any DatabaseWriter { self.database.writer }

    private init(
        database: StationDatabase, registry: DeviceTypeRegistry, settings: HubSettings, clock: any StationClock,
        metrics: MetricRegistry, health: HealthBoard, logger: Logger, live: LiveStation, defaultPlaceID: PlaceID
    ) {
        self.database = database
        self.registry = registry
        self.settings = settings
        self.clock = clock
        self.metrics = metrics
        self.health = health
        self.logger = logger
        self.seal = SecretSeal(settings.loginKey, for: .brokerLogins)
        self.cloudSeal = SecretSeal(settings.loginKey, for: .cloudLink)
        self.live = Mutex(live)
        self.defaultPlaceID = defaultPlaceID
    }

    /// Loads the station into memory. Statuses are taken as they stand; `markStarted()` is the daemon's to call.
    ///
    /// - Throws: `StoreError.unavailable`, `.disk`.
    public static func open(
        database: StationDatabase, registry: DeviceTypeRegistry = DeviceTypeRegistry(),
        settings: HubSettings = HubSettings(), clock: any StationClock = SystemStationClock(),
        metrics: MetricRegistry = MetricRegistry(), health: HealthBoard = HealthBoard(),
        logger: Logger = Logger(label: "station.hub")
    ) async throws(StoreError) -> StationHub {
        let loaded = try await StoreError.wrapping("loading the station") {
            try await database.writer.write { db in
                let station = StationTable(db: db)
                try station.replaceDeviceTypes(registry.types, at: clock.wallTime)
                return (
                    place: try station.defaultPlace(at: clock.wallTime), devices: try DeviceTable(db: db).all(),
                    users: try UserTable(db: db).all(), name: try station.name() ?? "",
                    floor: try station.setting(Self.clockFloorKey),
                    revoked: try DeviceTable(db: db).revokedNames(), members: try MemberTable(db: db).all(),
                    credentials: try BrokerCredentialTable(db: db).live(at: clock.wallTime),
                    claim: try Self.claim(in: db, settings, clock, logger),
                    watches: try StoredWatches(db), version: try StationDatabase.dataVersion(db)
                )
            }
        }
        var live = LiveStation()
        live.revokedNames = Set(loaded.revoked.compactMap { ExternalID($0) })
        live.stationName = loaded.name
        live.claim = loaded.claim
        live.users = Dictionary(uniqueKeysWithValues: loaded.users.map { ($0.id, $0) })
        live.memberships = LiveMemberships(loaded.members)
        live.credentials = Dictionary(uniqueKeysWithValues: loaded.credentials.map { ($0.username, $0) })
        for device in loaded.devices {
            var slot = LiveDevice(device: device, bucket: TokenBucket(limit: settings.deviceRate, at: clock.now))
            slot.watches = loaded.watches[device.id]
            live.insert(slot)
        }
        let hub = StationHub(
            database: database, registry: registry, settings: settings, clock: clock, metrics: metrics, health: health,
            logger: logger, live: live, defaultPlaceID: loaded.place
        )
        hub.upkeep.withLock { state in
            state.dataVersion = loaded.version
            var floor = clock.wallTime
            if case .integer(let stored)? = loaded.floor { floor = max(floor, Timestamp(milliseconds: stored)) }
            state.clockFloor = (floor, clock.now)
        }
        try await hub.forgetExpiredAccess()
        try await hub.lookAtOutbox()
        hub.noteStore(nil)
        return hub
    }

    // MARK: Reading memory

    /// A device as it is at this moment; `nil` for unknown and for removed ones.
    public func device(_ id: DeviceID) -> Device? {
        self.live.withLock { $0.device(id) }
    }

    /// A device by its name on the broker.
    public func device(named externalID: ExternalID) -> Device? {
        self.live.withLock { live in live.index(named: externalID).map { live.slots[$0].device } }
    }

    /// Whether a device of this name was here and is not any more.
    public func isRevoked(_ externalID: ExternalID) -> Bool {
        self.live.withLock { $0.revokedNames.contains(externalID) && $0.index(named: externalID) == nil }
    }

    /// The devices that a filter admits, newest first.
    public func devices(_ filter: DeviceFilter = DeviceFilter()) -> [Device] {
        self.live.withLock { live in live.slots.lazy.map(\.device).filter(filter.admits) }
            .sorted { $0.id > $1.id }
    }

    /// A number that is another one whenever anything about any device has changed.
    public var deviceRevision: UInt64 {
        self.live.withLock { $0.revision }
    }

    /// How many rows wait to be written.
    public var pendingRowCount: Int {
        self.live.withLock { $0.pending.count + $0.inFlight.count }
    }

    /// How many devices there are in each status.
    public var statusCounts: [DeviceStatus: Int] {
        self.live.withLock { live in
            live.slots.reduce(into: [:]) { counts, slot in counts[slot.device.status, default: 0] += 1 }
        }
    }

    /// Runs a transaction whose facts take effect in memory, and are announced, exactly when they are committed and
    /// in the order of the commits.
    ///
    /// - Parameters:
    ///   - undo: Called on the writer's queue when it was not committed.
    ///   - body: Writes and returns what to change in memory and what to announce.
    /// - Throws: `StoreError`; then nothing was changed.
    func commit<Result: Sendable>(
        _ what: String, undoing undo: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable (Database) throws -> (result: Result, effects: CommitEffects)
    ) async throws(StoreError) -> Result {
        do {
            let result = try await StoreError.wrapping(what) {
                try await self.writer.writeWithoutTransaction { db in
                    do {
                        return try self.transact(db) { try body(db) }
                    } catch {
                        undo()
                        throw error
                    }
                }
            }
            self.metrics.count(.commits, "durable")
            self.noteWrite(nil)
            return result
        } catch {
            switch error {
            case .unavailable, .disk: self.noteWrite(error)
            default: break
            }
            throw error
        }
    }

    /// A transaction, and after its commit, before another one can begin, its effects. What the cloud is to be told of
    /// them for certain is committed with them.
    ///
    /// Not by GRDB's observers of transactions: they hear nothing of it when SQLite rolls back by itself, as it does on
    /// a disk that is full, and take the next commit for theirs.
    func transact<Result>(
        _ db: Database, _ body: () throws -> (result: Result, effects: CommitEffects)
    ) throws -> Result {
        var done: (result: Result, effects: CommitEffects, tally: OutboxTally?)?
        try db.inTransaction(.immediate) {
            let (result, effects) = try body()
            done = (result, effects, try self.writeOutbox(effects, in: db))
            return .commit
        }
        guard let (result, effects, tally) = done else { throw CancellationError() }
        self.live.withLock { live in
            for change in effects.changes { change(&live) }
        }
        if let tally { self.outbox.note(tally, hasNews: true) }
        self.events.publish(effects.events)
        for action in effects.actions { action() }
        return result
    }
}

/// What a transaction changes in memory and announces once it is committed.
struct CommitEffects: Sendable {
    var changes: [@Sendable (inout LiveStation) -> Void] = []
    var events: [StationEvent] = []
    /// What else is to be done then, on the writer's queue.
    var actions: [@Sendable () -> Void] = []
    /// Another process has caused them, and has written the outbox itself.
    var isForeign = false

    static func += (sum: inout CommitEffects, more: CommitEffects) {
        sum.changes += more.changes
        sum.events += more.events
        sum.actions += more.actions
    }
}
