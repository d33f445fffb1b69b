import CloudLink
import StationSocket

/// What a fleet's station has to look at.
enum FleetEvent: Sendable {
    /// Something on one of its connections; only the newest counts.
    case link(LinkInput, connection: Int)
    /// One of its timers; only the newest counts.
    case timer(Int)
    case stop
}
