import StationCore

/// Something for the clients of `/ws`, written once for all of them.
enum LiveMessage: Sendable {
    /// A line of JSON for whoever sees one of these places; for everybody without.
    case news(LiveTopic, device: DeviceID?, places: [PlaceID]?, text: String)
    /// Something about a person's account has changed: those who are signed in under it look again.
    case account(UserID)
}
