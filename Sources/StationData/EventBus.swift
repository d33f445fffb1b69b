public import StationCore
import Synchronization

/// Announces what happened to everybody who listens, each through a mailbox of its own: nobody can delay anybody.
public final class EventBus: Sendable {
    /// The events of one subscriber. State of the same device is replaced by newer state while unread.
    public typealias Subscription = Mailbox<DeviceID, StationEvent>

    private let subscribers = Mutex<[ObjectIdentifier: Subscription]>([:])

    init() {}

    /// Begins to listen. Subscribe first and read a snapshot afterwards: then nothing is missed in between.
    ///
    /// - Parameter capacity: How many events may wait; beyond it the subscriber is told `.lagged` once.
    public func subscribe(capacity: Int = 256) -> Subscription {
        let subscription = Subscription(capacity: capacity)
        self.subscribers.withLock { $0[ObjectIdentifier(subscription)] = subscription }
        return subscription
    }

    /// Ends a subscription.
    public func unsubscribe(_ subscription: Subscription) {
        self.subscribers.withLock { $0[ObjectIdentifier(subscription)] = nil }
        subscription.finish()
    }

    /// Whether anybody listens: without, events need not be made.
    var hasSubscribers: Bool {
        self.subscribers.withLock { !$0.isEmpty }
    }

    func publish(_ events: [StationEvent]) {
        guard !events.isEmpty else { return }
        let subscribers = self.subscribers.withLock { Array($0.values) }
        for subscriber in subscribers {
            for event in events {
                if case .deviceState(let id, _, _) = event {
                    subscriber.post(event, key: id)
                } else {
                    subscriber.post(event)
                }
            }
        }
    }
}
