public import StationCore

/// Where the link to the cloud stands (contract 4, "States").
public enum LinkState: Sendable, Hashable {
    /// Not started, or stopped for good.
    case stopped
    /// No connection; the next is tried at this time.
    case offline(until: MonotonicInstant)
    /// A connection is being opened, and has this long for it.
    case connecting(until: MonotonicInstant)
    /// Connected, and nobody has claimed the station yet.
    case waiting
    /// Somebody has claimed the station: the token is being stored, again at this time if that failed.
    case claiming(retryAt: MonotonicInstant?)
    /// Connected; the cloud has this long to accept the token.
    case authenticating(until: MonotonicInstant)
    /// The cloud knows us.
    case authenticated(since: MonotonicInstant)
    /// The cloud has ordered a reset; nothing else is obeyed until the agent starts anew.
    case resetting
}
