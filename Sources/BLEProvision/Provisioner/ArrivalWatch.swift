import StationCore
import StationData
import Synchronization

/// Waits for a device's MQTT handshake. What came before it was armed does not count: that was the device as it was.
final class ArrivalWatch: Sendable {
    private struct State {
        var isArmed = false
        var hasArrived = false
    }

    private let hub: StationHub
    private let deviceID: DeviceID
    private let subscription: EventBus.Subscription
    private let state = Mutex(State())
    private let bells = Bells<Void>()

    init(of deviceID: DeviceID, in hub: StationHub) {
        self.hub = hub
        self.deviceID = deviceID
        self.subscription = hub.events.subscribe()
    }

    /// From now on a handshake is the device's answer to what it is handed.
    func arm() {
        self.state.withLock { $0.isArmed = true }
    }

    var hasArrived: Bool { self.state.withLock { $0.hasArrived } }

    /// Nothing more is to be heard: `follow` returns.
    func end() {
        self.hub.events.unsubscribe(self.subscription)
    }

    /// Listens until `end` is called or the task is cancelled.
    func follow() async {
        for await element in self.subscription {
            switch element {
            case .message(.deviceHandshake(self.deviceID, _)): self.note()
            // What was lost may have been it; then the device is online.
            case .lagged where self.hub.device(self.deviceID)?.status == .online: self.note()
            default: break
            }
        }
        self.end()
    }

    private func note() {
        let isNews = self.state.withLock { state in
            guard state.isArmed, !state.hasArrived else { return false }
            state.hasArrived = true
            return true
        }
        if isNews { self.bells.ring() }
    }

    /// Waits for the handshake.
    ///
    /// - Returns: Whether it came; `false` also when the task was cancelled.
    func wait(for limit: Duration, on clock: any StationClock) async -> Bool {
        let rings = self.bells.listen()
        if self.hasArrived { return true }
        _ = try? await clock.limit(to: limit) { await Self.first(of: rings) }
        return self.hasArrived
    }

    private static func first(of rings: AsyncStream<Void>) async {
        for await _ in rings { return }
    }
}
