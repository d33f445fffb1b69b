import StationCore

/// Something for the clients of `/ws`.
enum LiveMessage: Sendable {
    /// A line of JSON, written once for all.
    case news(LiveSubject, text: String)
    /// What goes on in provisioning, for whoever has asked for it.
    case provisioning(text: String)
    /// What the client has read no longer holds: other places are its business now.
    case resync
}
