import StationCore

/// What a client of `/ws` is told: what it chose, of what it may see.
struct LiveInterest: Sendable {
    /// `nil`: all.
    var topics: Set<LiveTopic>?
    /// `nil`: all.
    var devices: Set<DeviceID>?
    /// The places that the person sees; `nil` for all of them.
    var places: Set<PlaceID>? = []

    func includes(_ subject: LiveSubject) -> Bool {
        if let topics, !topics.contains(subject.topic) { return false }
        if let devices, let device = subject.device, !devices.contains(device) { return false }
        guard let places, let concerned = subject.places else { return true }
        return !places.isDisjoint(with: concerned)
    }
}
