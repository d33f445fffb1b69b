import StationCore

/// A mail that waits for its next try.
struct QueuedMail: Sendable {
    /// In the order of posting.
    let number: Int
    let recipient: MailAddress
    let text: MailText
    let expiresAt: MonotonicInstant
    /// When it is to be tried next.
    var dueAt: MonotonicInstant
    var attempts = 0
    /// A server that was away for a moment is asked soon; one that has been away for long, seldom.
    var backoff = Backoff(base: .seconds(2), limit: .seconds(900))
}
