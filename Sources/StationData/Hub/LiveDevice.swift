import StationCore

/// A device in memory: what the store knows, what was reported since, and what its presence is judged by.
struct LiveDevice {
    var device: Device
    var presence = Presence()
    var bucket: TokenBucket
    /// State that came faster than the limit allows, merged, until the limit lets it through (contract 1, rule 11).
    var heldState: HeldState?
    /// When its newest reading was taken, as far as the station's own clock dates them.
    var lastReadingAt: Timestamp?
    /// The numbers of its series of readings, by key, as far as they are known.
    var series: [String: Int64] = [:]
    /// Its sensors that have thresholds.
    var watches: [SensorWatch] = []
    /// Its state or where it speaks differs from the store: part of the next flush.
    var isReportDirty = false
    /// Only the times of its last signs of life differ: part of the flush of once a minute.
    var isPresenceDirty = false

    /// Invented keys must not fill the memory.
    mutating func remember(series id: Int64, of key: String) {
        if self.series.count >= 2 * DeviceReducer.maximumKeys { self.series = [:] }
        self.series[key] = id
    }

    func isDirty(for scope: FlushScope) -> Bool {
        switch scope {
        case .rows: false
        case .reports: self.isReportDirty
        case .everything: self.isReportDirty || self.isPresenceDirty
        }
    }

    struct HeldState {
        var patch: JSONObject
        var measuredAt: Timestamp?
    }
}
