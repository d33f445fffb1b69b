import StationCore
import StationData
import Testing

/// Somebody who listens to the hub from a certain moment on.
struct Announcements {
    private static let marker = StationEvent.deviceDeleted(.lowest(at: Timestamp(milliseconds: 0)))
    private let subscription: EventBus.Subscription

    init(of hub: StationHub, capacity: Int = 100_000) {
        self.subscription = hub.events.subscribe(capacity: capacity)
    }

    /// What was announced since the last call.
    func next() async -> [StationEvent] {
        self.subscription.post(Self.marker)
        var events: [StationEvent] = []
        for await element in self.subscription {
            guard case .message(let event) = element else {
                Issue.record("announcements were lost")
                continue
            }
            if event == Self.marker { break }
            events.append(event)
        }
        return events
    }
}
