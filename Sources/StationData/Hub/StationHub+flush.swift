import GRDB
import StationCore
import Synchronization

/// How much of what waits a flush writes: the more devices, the more pages of the database it touches.
public enum FlushScope: Sendable {
    /// Readings and events, which are appended.
    case rows
    /// Also the last state of devices that reported one.
    case reports
    /// Also the times of the last signs of life and the present time, at most once a minute (contract 1, rule 5).
    case everything
}

extension StationHub {
    /// Writes what was reported since the last flush in one transaction.
    ///
    /// - Throws: `StoreError`; then everything stays in memory, within limits, for the next attempt.
    public func flush(_ scope: FlushScope) async throws(StoreError) {
        guard scope == .everything || self.hasSomethingToFlush(scope) else { return }
        do {
            let latestTime = try await StoreError.wrapping("writing readings") {
                try await self.writer.writeWithoutTransaction { db in
                    let taken = self.live.withLock { $0.takePending(scope) }
                    do {
                        return try self.transact(db) { try self.write(taken, scope, to: db) }
                    } catch {
                        let lost = self.live.withLock { $0.flushFailed(taken) }
                        self.count(IngestCounts(droppedRows: lost))
                        throw error
                    }
                }
            }
            if let latestTime { self.judgeClock(against: latestTime) }
            self.metrics.count(.commits, "telemetry")
            self.changeGate { $0.flushed() }
            self.noteWrite(nil)
        } catch {
            // That there is no room for so much says nothing about what must be committed.
            if error.diskFault?.leavesStoreReadable == true { self.noteStore(error) } else { self.noteWrite(error) }
            throw error
        }
    }

    private func hasSomethingToFlush(_ scope: FlushScope) -> Bool {
        self.live.withLock { live in
            live.pending.count > 0 || live.slots.contains { $0.isDirty(for: scope) }
                || (scope != .rows && !live.alertBacklog.isEmpty)
        }
    }

    private func write(
        _ taken: TakenRows, _ scope: FlushScope, to db: Database
    ) throws -> (result: Timestamp?, effects: CommitEffects) {
        let series = try self.write(taken, to: db)
        var effects = scope == .rows ? CommitEffects() : try self.writeAlerts(to: db)
        let count = taken.rows.count
        effects.changes.append { $0.flushed(series) }
        effects.actions.append { self.metrics.count(.writtenRows, by: count) }
        return (scope == .everything ? try self.rememberTheTime(in: db) : nil, effects)
    }

    /// Returns the numbers of the series that had to be looked up.
    private func write(_ taken: TakenRows, to db: Database) throws -> [SeriesKey: Int64] {
        let readings = ReadingTable(db: db)
        var found: [SeriesKey: Int64] = [:]
        for reading in taken.rows.readings {
            let key = SeriesKey(deviceID: reading.deviceID, key: reading.key)
            var id = reading.series ?? found[key]
            if id == nil {
                id = try readings.seriesID(of: reading.deviceID, key: reading.key)
                found[key] = id
            }
            // The device is gone, and its readings with it.
            guard let id else { continue }
            try readings.append(series: id, time: reading.time, value: reading.value)
        }
        let events = EventTable(db: db)
        for event in taken.rows.events { try events.insert(event) }
        let table = DeviceTable(db: db)
        for device in taken.devices { try table.updateReport(of: device) }
        let alerts = AlertTable(db: db)
        for alert in taken.alerts { try alerts.update(alert) }
        return found
    }
}

/// What a series of readings is found by.
struct SeriesKey: Hashable {
    let deviceID: DeviceID
    let key: String
}
