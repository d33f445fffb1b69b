/// What became of one try to hand a mail to the server.
enum MailOutcome: Sendable, Hashable {
    /// The server has taken it.
    case delivered
    /// The server has not taken it, and may later.
    case postponed(String)
    /// The server has not taken it and will not, or cannot be trusted.
    case refused(String)
    /// The server got all of it, but its answer is missing: sending it again might be sending it twice.
    case unconfirmed(String)
}
