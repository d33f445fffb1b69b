import GRDB
import StationCore
import Synchronization

extension StationHub {
    /// The history of a device: what is stored and what is still to be written, as one.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `StoreError.unavailable`.
    public func readings(_ query: ReadingQuery) async throws(StoreError) -> [ReadingSeries] {
        guard let device = self.device(query.deviceID) else {
            throw .deviceNotFound(query.deviceID.description)
        }
        // Memory before the store: a reading that is written in between is then found in both, never missed.
        let waiting = self.waitingReadings(query)
        let stored = try await StoreError.wrapping("reading the history") {
            try await self.writer.read { db in
                let table = ReadingTable(db: db)
                return try table.series(of: query.deviceID)
                    .filter { query.keys?.contains($0.key) ?? true }
                    .map { series -> (key: String, points: ReadingSeries.Points) in
                        (series.key, try table.points(of: series.id, query, except: waiting[series.key] ?? []))
                    }
            }
        }
        var byKey = Dictionary(uniqueKeysWithValues: stored.map { ($0.key, $0.points) })
        let empty: ReadingSeries.Points = query.interval == nil ? .raw([]) : .buckets([])
        for (key, points) in waiting {
            byKey[key] = (byKey[key] ?? empty).adding(points, interval: query.interval)
        }
        let type = self.registry[device.type]
        return byKey.sorted { $0.key < $1.key }.compactMap { key, points in
            points.isEmpty ? nil : ReadingSeries(key: key, unit: type?.capability(key)?.unit, points: points)
        }
    }

    /// By key and time; of several at one moment the last.
    func waitingReadings(_ query: ReadingQuery) -> [String: [ReadingSeries.RawPoint]] {
        let found = self.live.withLock { live in
            var found: [String: [Timestamp: Double]] = [:]
            for reading in [live.inFlight.readings, live.pending.readings].joined()
            where reading.deviceID == query.deviceID && reading.time >= query.from && reading.time < query.to {
                guard query.keys?.contains(reading.key) ?? true else { continue }
                found[reading.key, default: [:]][reading.time] = reading.value
            }
            return found
        }
        return found.mapValues { values in
            values.map { ReadingSeries.RawPoint(time: $0.key, value: $0.value) }.sorted { $0.time < $1.time }
        }
    }

    /// A part of the activity feed, newest first, with the number of all lines that match.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func deviceEvents(_ query: EventQuery) async throws(StoreError) -> (entries: [FeedEntry], total: Int) {
        // What waits is written first: the feed is read rarely, and by people who have just done something.
        if self.live.withLock({ !$0.pending.events.isEmpty }) {
            try await self.flush(.rows)
        }
        return try await StoreError.wrapping("reading the activity feed") {
            try await self.writer.read { try EventTable(db: $0).entries(query) }
        }
    }
}

extension ReadingTable {
    fileprivate func points(
        of series: Int64, _ query: ReadingQuery, except waiting: [ReadingSeries.RawPoint]
    ) throws -> ReadingSeries.Points {
        let moments = waiting.map(\.time)
        if let interval = query.interval?.milliseconds {
            return .buckets(
                try self.buckets(of: series, from: query.from, to: query.to, except: moments, interval: interval)
            )
        }
        return .raw(
            try self.points(
                of: series, from: query.from, to: query.to, except: moments, limit: ReadingQuery.maximumPoints
            )
        )
    }
}

extension ReadingSeries.Points {
    var isEmpty: Bool {
        switch self {
        case .raw(let points): points.isEmpty
        case .buckets(let buckets): buckets.isEmpty
        }
    }

    /// Joins readings that are not stored yet to those that are; no moment is in both.
    func adding(_ points: [ReadingSeries.RawPoint], interval: Duration?) -> ReadingSeries.Points {
        switch self {
        case .raw(let stored):
            return .raw((stored + points).sorted { $0.time < $1.time })
        case .buckets(let stored):
            let width = interval?.milliseconds ?? 1
            var byStart = Dictionary(uniqueKeysWithValues: stored.map { ($0.time, $0) })
            for point in points {
                let start = Timestamp(milliseconds: point.time.milliseconds / width * width)
                byStart[start] = byStart[start]?.adding(point.value) ?? ReadingSeries.Bucket(start, point.value)
            }
            return .buckets(byStart.values.sorted { $0.time < $1.time })
        }
    }
}

extension ReadingSeries.Bucket {
    fileprivate init(_ time: Timestamp, _ value: Double) {
        self.init(time: time, average: value, minimum: value, maximum: value, count: 1)
    }

    fileprivate func adding(_ value: Double) -> ReadingSeries.Bucket {
        ReadingSeries.Bucket(
            time: self.time, average: (self.average * Double(self.count) + value) / Double(self.count + 1),
            minimum: min(self.minimum, value), maximum: max(self.maximum, value), count: self.count + 1
        )
    }
}
