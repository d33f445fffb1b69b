/// Somebody who wants signals.
struct Subscription {
    let match: BusMatch
    /// Hands a signal over; false when the reader is too far behind.
    let deliver: @Sendable (BusSignal) -> Bool
    let finish: @Sendable () -> Void
    /// Whether the bus has the rule, or may have it.
    var isRuleSent = false
}
