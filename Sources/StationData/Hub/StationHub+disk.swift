import GRDB
import Logging
import StationCore
import Synchronization

/// The room on the disk: watched, and kept to.
extension StationHub {
    private static let foldingPeriod = Duration.seconds(60)

    /// For `/metrics`.
    public var storeFigures: StoreFigures {
        StoreFigures(
            storeBytes: self.database.storeBytes, logBytes: self.database.logBytes, space: self.freeSpace,
            isTelemetryPaused: self.isTelemetryPaused
        )
    }

    private var freeSpace: FreeSpace? {
        if let ask = self.settings.freeSpace { ask() } else { self.database.freeSpace() }
    }

    /// Looks whether there is room for telemetry, and keeps the write-ahead log small.
    func lookAtDisk() async {
        var isShut = false
        if let space = self.freeSpace {
            isShut = self.changeGate { $0.look(at: space, now: self.clock.now, time: self.clock.wallTime) }
        }
        guard isShut || self.isFoldingDue() else { return }
        do throws(StoreError) {
            // Of a full disk it takes up to 16 MiB and more that others can use.
            try await self.database.foldLog()
        } catch {
            self.logger.info("the log could not be folded into the store", metadata: ["error": "\(error)"])
        }
    }

    private func isFoldingDue() -> Bool {
        guard self.database.logBytes > StationDatabase.largestLog else { return false }
        let now = self.clock.now
        return self.upkeep.withLock { state in
            let isDue = state.lastFolding.map { $0.duration(to: now) >= Self.foldingPeriod } ?? true
            if isDue { state.lastFolding = now }
            return isDue
        }
    }

    /// Writes what cannot wait for the disk to have room for telemetry again: alerts, and the time.
    func commitUrgent(includingTime: Bool) async throws(StoreError) {
        guard includingTime || self.live.withLock({ !$0.alertBacklog.entries.isEmpty }) else { return }
        let latestTime = try await self.commit("storing alerts") { db in
            (includingTime ? try self.rememberTheTime(in: db) : nil, try self.writeAlerts(to: db))
        }
        if let latestTime { self.judgeClock(against: latestTime) }
    }

    // MARK: A store that was replaced

    private static let recoveryKey = "recovery.last"
    /// So long health tells of it.
    private static let recoveryPeriod = Duration.seconds(86_400)

    /// Puts on record that the store had to be replaced, so that health tells of it for a day, also after a restart.
    ///
    /// - Throws: `StoreError`; health tells of it all the same, until the agent stops.
    public func recordRecovery(_ detail: String) async throws(StoreError) {
        let time = self.clock.wallTime
        self.upkeep.withLock { $0.recoveredAt = time }
        self.note(.recovery, detail)
        try await self.commit("recording that the store was replaced") { db in
            let value: JSONValue = ["at": .integer(time.milliseconds), "detail": .string(detail)]
            try StationTable(db: db).set(Self.recoveryKey, to: value, at: time)
            return ((), CommitEffects())
        }
    }

    /// Tells of an earlier run's recovery if that was less than a day ago.
    ///
    /// - Throws: `StoreError`.
    public func recallRecovery() async throws(StoreError) {
        let value = try await StoreError.wrapping("looking whether the store was replaced") {
            try await self.writer.read { try StationTable(db: $0).setting(Self.recoveryKey) }
        }
        guard let record = value?.objectValue, case .integer(let milliseconds)? = record["at"],
            let detail = record["detail"]?.stringValue
        else { return }
        self.upkeep.withLock { $0.recoveredAt = Timestamp(milliseconds: milliseconds) }
        self.note(.recovery, detail)
        self.forgetOldRecovery()
    }

    /// After a day nobody need be told any more.
    func forgetOldRecovery() {
        let time = self.clock.wallTime
        let isOver = self.upkeep.withLock { state in
            guard let since = state.recoveredAt, since.adding(Self.recoveryPeriod) <= time else { return false }
            state.recoveredAt = nil
            return true
        }
        if isOver { self.note(.recovery, nil) }
    }
}

extension MetricRegistry.Counter {
    /// Transactions, each of which makes the card write at once.
    static let commits = Self(
        "station_store_commits_total",
        help: "Transactions that were committed: flushes of telemetry, and durable ones.", label: "kind"
    )
    static let writtenRows = Self("station_rows_written_total", help: "Readings and events that were written.")
}
