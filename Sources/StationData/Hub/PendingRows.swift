import StationCore

/// What was reported and is not on disk yet.
struct PendingRows {
    struct Reading {
        let deviceID: DeviceID
        let key: String
        /// The number of its series, if it is known already.
        var series: Int64?
        let time: Timestamp
        let value: Double
    }

    /// While the store does not take anything, so many rows are kept; of more, the oldest go.
    static let maximumReadings = 100_000
    static let maximumEvents = 10_000

    var readings: [Reading] = []
    var events: [DeviceEvent] = []

    var count: Int { self.readings.count + self.events.count }

    /// Puts rows that could not be written before the newer ones. Returns how many had to go.
    mutating func giveBack(_ rows: PendingRows) -> Int {
        self.readings.insert(contentsOf: rows.readings, at: 0)
        self.events.insert(contentsOf: rows.events, at: 0)
        return self.trim()
    }

    /// Forgets the rows of a device that is gone.
    mutating func remove(_ id: DeviceID) {
        self.readings.removeAll { $0.deviceID == id }
        self.events.removeAll { $0.deviceID == id }
    }

    /// Keeps to the limits. Returns how many rows had to go.
    mutating func trim() -> Int {
        let surplusReadings = max(0, self.readings.count - Self.maximumReadings)
        let surplusEvents = max(0, self.events.count - Self.maximumEvents)
        self.readings.removeFirst(surplusReadings)
        self.events.removeFirst(surplusEvents)
        return surplusReadings + surplusEvents
    }
}
