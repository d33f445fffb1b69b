import StationCore

/// What the regular work remembers between its rounds.
struct UpkeepState {
    /// Whether the last attempt to write to the store failed.
    var hasWriteFailed = false
    /// Whether telemetry is written.
    var gate = TelemetryGate()
    /// What ails the store though it works, in words.
    var concerns: [StoreConcern: String] = [:]
    /// When the store was last replaced, while that is still told.
    var recoveredAt: Timestamp?
    /// When the write-ahead log was last seen to.
    var lastFolding: MonotonicInstant?
    var isBrokerAway = true
    var brokerLastAway: MonotonicInstant?
    /// When the rounds of once a second were last made.
    var lastWatch: MonotonicInstant?
    var lastFlush: MonotonicInstant?
    var lastPresenceFlush: MonotonicInstant?
    var lastSettling: MonotonicInstant?
    var lastRetention: MonotonicInstant?
    var dataVersion: Int?
    /// The latest time that the station had ever seen when it was opened, its clock's own included, and the moment of that.
    var clockFloor: (time: Timestamp, since: MonotonicInstant)?
}
