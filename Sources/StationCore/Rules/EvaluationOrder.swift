/// Which readings of a sensor are evaluated: a late one, older than the newest evaluated, is stored and no more
/// (contract 2, "Alert rules"). Pure.
public struct EvaluationOrder: Sendable, Hashable {
    /// A device's clock may be so far ahead (contract 1, rule 4); what is farther is left over from a clock of ours that
    /// has been set back since, and must not silence an alarm.
    private static let plausibleLead = Duration.seconds(300)

    private var newest: Timestamp?

    public init() {}

    /// Whether a reading is to be evaluated; then it counts as the newest.
    ///
    /// - Parameters:
    ///   - isMeasuredTime: Whether the device itself says when it was. What the station dates comes in order: its
    ///     arrival is its time.
    ///   - now: The station's own time.
    public mutating func admits(_ time: Timestamp, isMeasuredTime: Bool, now: Timestamp) -> Bool {
        if isMeasuredTime, let newest = self.newest, time < newest, newest <= now.adding(Self.plausibleLead) {
            return false
        }
        self.newest = time
        return true
    }
}
