import StationCore
import StationData
import Synchronization

/// Keeps what a hub announces. Of a device's states that come close together only the newest may be here.
final class EventRecorder: Sendable {
    private final class Log: Sendable {
        let events = Mutex<[StationEvent]>([])
    }

    private let log = Log()
    private let bus: EventBus
    private let subscription: EventBus.Subscription

    init(_ bus: EventBus) {
        self.bus = bus
        self.subscription = bus.subscribe(capacity: 100_000)
        Task { [log, subscription] in
            for await element in subscription {
                if case .message(let event) = element { log.events.withLock { $0.append(event) } }
            }
        }
    }

    func stop() {
        self.bus.unsubscribe(self.subscription)
    }

    /// What was announced of a device, in that order.
    func of(_ id: DeviceID) -> [StationEvent] {
        self.log.events.withLock { $0.filter { $0.deviceID == id } }
    }
}
