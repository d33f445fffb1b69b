public import StationCore
import Synchronization

/// Announces what happened to everybody who listens, each through a mailbox of its own: nobody can delay anybody.
public final class EventBus: Sendable {
    /// The events of one subscriber. State of the same device is replaced by newer state while unread.
    public typealias Subscription = Mailbox<DeviceID, StationEvent>

    /// What a subscriber wants to hear of.
    public enum Interest: Sendable {
        case everything
        /// Alerts that open and end.
        case alerts
        /// How the station stands with its cloud.
        case cloud
        /// What changes who may log in at the broker, or what somebody may do there.
        case logins

        fileprivate func includes(_ event: StationEvent) -> Bool {
            switch (self, event) {
            case (.everything, _), (.alerts, .alertOpened), (.alerts, .alertResolved),
                (.cloud, .cloudChanged):
                true
            case (.alerts, _), (.cloud, _): false
            case (.logins, .deviceCreated), (.logins, .deviceDeleted),
                (.logins, .account), (.logins, .membershipChanged), (.logins, .loginsChanged):
                true
            case (.logins, _): false
            }
        }
    }

    private let subscribers = Mutex<[ObjectIdentifier: (subscription: Subscription, interest: Interest)]>([:])

    init() {}

    /// Begins to listen. Subscribe first and read a snapshot afterwards: then nothing is missed in between.
    ///
    /// - Parameter capacity: How many events may wait; beyond it the subscriber is told `.lagged` once.
    public func subscribe(to interest: Interest = .everything, capacity: Int = 256) -> Subscription {
        let subscription = Subscription(capacity: capacity)
        self.subscribers.withLock { $0[ObjectIdentifier(subscription)] = (subscription, interest) }
        return subscription
    }

    /// Ends a subscription.
    public func unsubscribe(_ subscription: Subscription) {
        self.subscribers.withLock { $0[ObjectIdentifier(subscription)] = nil }
        subscription.finish()
    }

    /// Whether anybody listens to everything: without, the events of reports need not be made.
    var hasSubscribers: Bool {
        self.subscribers.withLock { $0.values.contains { $0.interest == .everything } }
    }

    func publish(_ events: [StationEvent]) {
        guard !events.isEmpty else { return }
        let subscribers = self.subscribers.withLock { Array($0.values) }
        for (subscriber, interest) in subscribers {
            subscriber.post(
                events.lazy.filter(interest.includes).map { event in
                    if case .deviceState(let id, _, _) = event { (message: event, key: id) } else { (event, nil) }
                }
            )
        }
    }
}
