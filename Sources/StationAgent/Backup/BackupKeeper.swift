import Logging
import ServiceLifecycle
import StationCore
import StationData
import Synchronization

/// Makes a backup a day while the station runs (contract 7). One that fails costs health its `ok` and nothing else.
final class BackupKeeper: Service {
    static let period = Duration.seconds(86_400)
    /// After the start, when all else has found its feet.
    static let firstLook = Duration.seconds(120)
    static let lookPeriod = Duration.seconds(600)
    /// So long after one that failed the next is tried: each reads all of the store.
    static let retryPause = Duration.seconds(3600)

    /// Why none is made.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var lastTry: MonotonicInstant?
        var lastSuccess: MonotonicInstant?
    }

    let shelf: BackupShelf
    private let ballast: Ballast
    private let backup: StationBackup
    private let database: StationDatabase
    private let hub: StationHub
    private let health: HealthBoard
    private let metrics: MetricRegistry
    private let clock: any StationClock
    private let logger: Logger
    private let startedAt: MonotonicInstant
    private let state = Mutex(State())
    /// A copy takes a while, and whoever waits for it must not keep others from working.
    private let queue = DiskQueue(label: "station.backup")

    init(
        backup: StationBackup, database: StationDatabase, hub: StationHub, health: HealthBoard,
        metrics: MetricRegistry, logger: Logger
    ) {
        self.shelf = BackupShelf(directory: backup.setup.configuration.data.backupsPath)
        self.ballast = Ballast(directory: backup.setup.configuration.data.directory)
        self.backup = backup
        self.database = database
        self.hub = hub
        self.health = health
        self.metrics = metrics
        self.clock = backup.clock
        self.logger = logger
        self.startedAt = backup.clock.now
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.clock.pause(for: Self.firstLook)
            while !Task.isCancelled {
                await self.look()
                await self.clock.pause(for: Self.lookPeriod)
            }
        }
    }

    /// Makes a backup if one is due.
    func look() async {
        // On a full disk nothing is added.
        guard !self.hub.isTelemetryPaused, self.isDue() else { return }
        // After a start that needed it.
        self.ballast.take()
        self.state.withLock { $0.lastTry = self.clock.now }
        do {
            let made = try await self.queue.perform { try self.make() }
            self.state.withLock { $0.lastSuccess = self.clock.now }
            self.hub.note(.backup, nil)
            self.metrics.count(.backups, "made")
            self.logger.info("a backup was made", metadata: ["bytes": "\(made.byteCount)"])
        } catch {
            let since = self.shelf.entries().first.map { "since \($0.madeAt)" } ?? "at all"
            self.hub.note(.backup, "there is no backup \(since): \(error)")
            self.metrics.count(.backups, "failed")
            self.logger.error("no backup could be made", metadata: ["error": "\(error)"])
        }
    }

    private func isDue() -> Bool {
        let now = self.clock.now
        let state = self.state.withLock { $0 }
        if let success = state.lastSuccess { return success.duration(to: now) >= Self.period }
        if let lastTry = state.lastTry { return lastTry.duration(to: now) >= Self.retryPause }
        guard let newest = self.shelf.entries().first else { return true }
        // A clock that is known to be wrong says nothing about the age of a file.
        guard self.health[.clock]?.status != .degraded else {
            return self.startedAt.duration(to: now) >= Self.period
        }
        let time = self.clock.wallTime
        return newest.madeAt > time || newest.madeAt.adding(Self.period) <= time
    }

    /// Blocks.
    private func make() throws -> StationBackup.Made {
        try self.shelf.prepare()
        let entries = self.shelf.entries()
        let taken = entries.reduce(0) { $0 + $1.byteCount }
        guard let space = FreeSpace(path: self.shelf.directory) else {
            throw Fault(description: "the file system of \(self.shelf.directory) does not answer")
        }
        let figures = self.hub.storeFigures
        let needed = figures.storeBytes + figures.logBytes
        let budget = BackupShelf.budget(space, taken: taken)
        guard needed <= budget else {
            let (wanted, allowed) = (needed >> 20, budget >> 20)
            throw Fault(description: "it would take \(wanted) MiB, more than the \(allowed) MiB that backups may have")
        }
        try self.makeRoom(for: needed, beside: entries, space)
        let made = try self.backup.make(of: self.database, at: self.shelf.nextPath(at: self.clock.wallTime))
        try self.shelf.tidy(within: budget)
        return made
    }

    /// For want of room the oldest go before the new one is there, but never the newest that is good.
    private func makeRoom(for needed: Int, beside entries: [BackupShelf.Entry], _ space: FreeSpace) throws {
        var missing = needed + Int(clamping: space.reservedBytes) - Int(clamping: space.freeBytes)
        guard missing > 0 else { return }
        let spare = entries.dropFirst().reversed()
        guard let newest = entries.first, spare.reduce(0, { $0 + $1.byteCount }) >= missing else {
            throw Fault(description: "it would take \(needed >> 20) MiB, and there are only \(space)")
        }
        _ = try StationDatabase.verifyBackup(newest.path, knownAs: newest.path)
        for entry in spare where missing > 0 {
            try self.shelf.remove(entry)
            missing -= entry.byteCount
        }
    }
}

extension MetricRegistry.Counter {
    static let backups = Self("station_backups_total", help: "Automatic backups by outcome.", label: "result")
}
