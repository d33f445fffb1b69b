import StationCore

/// What a piece of news is about: it decides who gets it.
struct LiveSubject: Sendable {
    let topic: LiveTopic
    let device: DeviceID?
    /// It is for whoever sees one of these places; without, for everybody.
    let places: Set<PlaceID>?
}
