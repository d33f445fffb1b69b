import GRDB
import StationCore
import Synchronization

extension StationHub {
    /// How often the regular work looks round.
    public static let upkeepPeriod = Duration.milliseconds(250)
    /// Presence is judged, and other processes are noticed, once a second.
    private static let watchPeriod = Duration.seconds(1)
    private static let presenceFlushPeriod = Duration.seconds(60)
    private static let settlingPeriod = Duration.seconds(600)
    private static let settlingRows: Int64 = 500_000
    private static let seriesPerSlice: Int64 = 200
    private static let retentionPeriod = Duration.seconds(3600)

    /// Writes what is due now; called every `upkeepPeriod`. Faults are noted on the health board and tried again.
    public func flushRound() async {
        do throws(StoreError) {
            self.releaseHeldStates()
            try await self.commitAlerts()
            try await self.flushIfDue()
        } catch {
            // What the disk did has been noted where it happened.
            if error.diskFault == nil { self.noteStore(error) }
        }
    }

    /// Judges presence, notices other processes, settles the journal and forgets the old, as far as that is due; called
    /// every `upkeepPeriod`, beside `flushRound`: settling takes a while, and what is reported meanwhile must be written.
    public func watchRound() async {
        guard self.isWatchDue() else { return }
        await self.lookAtDisk()
        self.forgetOldRecovery()
        guard await self.goesOn({ () throws(StoreError) in try await self.judgePresence() }),
            await self.goesOn({ () throws(StoreError) in try await self.noticeForeignWrites() }),
            await self.goesOn({ () throws(StoreError) in try await self.forgetExpiredCredentials() }),
            await self.goesOn({ () throws(StoreError) in try await self.settleIfDue() })
        else { return }
        _ = await self.goesOn { () throws(StoreError) in try await self.forgetIfDue() }
    }

    /// Does a part of the regular work.
    ///
    /// - Returns: Whether the next part has a chance: on a disk that is full all that only reads has.
    private func goesOn(_ part: () async throws(StoreError) -> Void) async -> Bool {
        do throws(StoreError) {
            try await part()
            return true
        } catch {
            self.noteStore(error)
            return error.diskFault?.leavesStoreReadable == true
        }
    }

    /// Both rounds, one after the other.
    public func lookRound() async {
        await self.flushRound()
        await self.watchRound()
    }

    private func isWatchDue() -> Bool {
        let now = self.clock.now
        return self.upkeep.withLock { state in
            let isDue = state.lastWatch.map { $0.duration(to: now) >= Self.watchPeriod } ?? true
            if isDue { state.lastWatch = now }
            return isDue
        }
    }

    private func flushIfDue() async throws(StoreError) {
        let now = self.clock.now
        let hasManyRows = self.live.withLock { $0.pending.count >= self.settings.flushRows }
        let (isDue, includesPresence) = self.upkeep.withLock { state in
            let isDue = state.lastFlush.map { $0.duration(to: now) >= self.settings.flushInterval } ?? true
            let isPresenceDue = state.lastPresenceFlush.map { $0.duration(to: now) >= Self.presenceFlushPeriod } ?? true
            if isDue { state.lastFlush = now }
            if isDue, isPresenceDue { state.lastPresenceFlush = now }
            return (isDue, isDue && isPresenceDue)
        }
        let (mayFlush, isTry) = self.upkeep.withLock { ($0.gate.allowsFlush(at: now), $0.gate.closure != nil) }
        guard mayFlush else {
            if isDue { try await self.commitUrgent(includingTime: includesPresence) }
            return
        }
        if isTry {
            // There is always something of it to write, and so to find out.
            try await self.flush(.everything)
        } else if isDue {
            try await self.flush(includesPresence ? .everything : .reports)
        } else if hasManyRows {
            try await self.flush(.rows)
        }
    }

    /// Everything that waits, before the daemon ends: a graceful stop loses nothing.
    public func flushEverything() async throws(StoreError) {
        self.releaseHeldStates(regardless: true)
        try await self.flush(.everything)
    }

    // MARK: Clock

    static let clockFloorKey = "clock.floor"

    /// Keeps the latest time ever seen and returns it.
    func rememberTheTime(in db: Database) throws -> Timestamp {
        let time = self.clock.wallTime
        let station = StationTable(db: db)
        if case .integer(let stored)? = try station.setting(Self.clockFloorKey), stored > time.milliseconds {
            return Timestamp(milliseconds: stored)
        }
        try station.set(Self.clockFloorKey, to: .integer(time.milliseconds), at: time)
        return time
    }

    /// Says on the health board when the wall clock stands before the latest time ever seen: a Pi has no clock of its
    /// own and may wake up years ago.
    func judgeClock(against floor: Timestamp) {
        let time = self.clock.wallTime
        // A minute is what the clock may be corrected by between two notes without anything being wrong.
        if floor > time.adding(.seconds(120)) {
            self.health.report(.clock, .degraded, "the clock says \(time), yet it has already been \(floor)")
        } else {
            self.health.report(.clock, .ok, "not behind the last known time")
        }
    }

    // MARK: Other processes

    /// Takes over what another process, such as `station-agent device add`, has written to the store.
    func noticeForeignWrites() async throws(StoreError) {
        let version = try await self.database.dataVersion()
        let isForeign = self.upkeep.withLock { state in
            defer { state.dataVersion = version }
            return state.dataVersion != nil && state.dataVersion != version
        }
        self.noteReadable()
        guard isForeign else { return }
        try await self.commit("reading what another process has written") { db in
            var effects = try self.effectsOfForeignWrites(db)
            effects += try self.effectsOfForeignAccounts(db)
            effects += try self.effectsOfForeignClaim(db)
            // What the cloud is to be told of it, that process has put on record itself.
            effects.isForeign = true
            return ((), effects)
        }
        try await self.lookAtOutbox()
    }

    private func effectsOfForeignWrites(_ db: Database) throws -> CommitEffects {
        var effects = CommitEffects()
        let stored = try DeviceTable(db: db).all()
        let known = self.live.withLock { Set($0.slots.map(\.device.id)) }
        // Removals first: a name that was freed may have been given to a new device.
        for id in known.subtracting(stored.map(\.id)) {
            effects += self.effectsOfRemoval(of: id)
        }
        for device in stored where !known.contains(device.id) {
            let live = LiveDevice(
                device: device, bucket: TokenBucket(limit: self.settings.deviceRate, at: self.clock.now)
            )
            effects.changes.append { $0.insert(live) }
            effects.events.append(.deviceCreated(device.id))
        }
        for device in stored where known.contains(device.id) {
            guard let live = self.device(device.id) else { continue }
            let isOther = device.differsInIdentity(from: live)
            // Of a token that was renewed nothing else shows.
            guard isOther || device.updatedAt != live.updatedAt else { continue }
            effects.changes.append { live in live.update(device.id) { $0.device.takeIdentity(of: device) } }
            effects.events.append(isOther ? .deviceUpdated(device.id) : .loginsChanged)
        }
        effects += try self.effectsOfForeignPlaces(db)
        return effects
    }

    // MARK: Journal and retention

    private func settleIfDue() async throws(StoreError) {
        // It writes all of the journal once more.
        guard !self.isTelemetryPaused else { return }
        let now = self.clock.now
        let isDue = try await StoreError.wrapping("looking at the journal") { try await self.isSettlingDue(at: now) }
        guard isDue else { return }
        self.upkeep.withLock { $0.lastSettling = now }
        try await self.settleJournal()
    }

    private func isSettlingDue(at now: MonotonicInstant) async throws -> Bool {
        let last = self.upkeep.withLock { state in
            if state.lastSettling == nil { state.lastSettling = now }
            return state.lastSettling
        }
        if let last, last.duration(to: now) >= Self.settlingPeriod { return true }
        let range = try await self.writer.read { try ReadingTable(db: $0).journalRange() }
        return range.map { $0.upperBound - $0.lowerBound >= Self.settlingRows } ?? false
    }

    /// Moves the journal to where the history is kept, some series at a time so that nobody waits long for the
    /// writer. After a crash in the middle the next time ends it.
    public func settleJournal() async throws(StoreError) {
        try await StoreError.wrapping("settling the journal") {
            guard let batch = try await self.writer.write({ try ReadingTable(db: $0).openBatch() }) else { return }
            let highest = try await self.writer.read { try ReadingTable(db: $0).highestSeriesID() }
            for first in stride(from: Int64(1), through: highest, by: Int64.Stride(Self.seriesPerSlice)) {
                try await self.writer.write { db in
                    try ReadingTable(db: db).copy(series: first...(first + Self.seriesPerSlice - 1), into: batch)
                }
            }
            try await self.writer.write { try ReadingTable(db: $0).settle(batch) }
        }
    }

    private func forgetIfDue() async throws(StoreError) {
        let now = self.clock.now
        let isDue = self.upkeep.withLock { state in
            let isDue = state.lastRetention.map { $0.duration(to: now) >= Self.retentionPeriod } ?? false
            if isDue || state.lastRetention == nil { state.lastRetention = now }
            return isDue
        }
        if isDue { try await self.forgetTheOld() }
    }

    /// Deletes readings, events and ended alerts that are older than is to be kept.
    public func forgetTheOld() async throws(StoreError) {
        try await self.forgetExpiredAccess()
        // A clock that stands before its floor is not to be trusted with deleting; one far ahead cannot be told.
        guard self.health[.clock]?.status != .degraded else { return }
        let time = self.clock.wallTime
        let readings = time.adding(.zero - self.settings.readingRetention)
        let events = time.adding(.zero - self.settings.eventRetention)
        try await StoreError.wrapping("deleting old readings") {
            for batch in try await self.writer.read({ try ReadingTable(db: $0).batches(before: readings) }) {
                try await self.writer.write { try ReadingTable(db: $0).trim(batch, before: readings) }
            }
            try await self.writer.write { db in
                try EventTable(db: db).delete(before: events)
                try AlertTable(db: db).deleteResolved(before: events)
            }
        }
        // A device may invent keys without end; what has no reading left is not remembered either.
        try await self.commit("forgetting series without readings") { db in
            guard try ReadingTable(db: db).deleteEmptySeries() > 0 else { return ((), CommitEffects()) }
            return ((), CommitEffects(changes: [{ $0.forgetSeriesNumbers() }]))
        }
    }
}
