import StationCore
import Synchronization

/// Bluetooth over one connection to the bus, from its beginning to its end.
struct Radio: Sendable {
    let objects: BlueZObjects
    let discovery: Discovery
    /// Devices that our scan has brought into BlueZ's table and that are no candidates, by path, with when they were last
    /// heard.
    let strangers = Strangers()

    var calls: BlueZCalls { self.objects.calls }

    /// What people are told of the adapter.
    func adapterState(_ block: RadioBlock) -> ProvisioningAdapter {
        let view = self.objects.view
        guard !view.isLost, view.isServed else { return .noBluetoothd }
        guard let adapter = view.tree.adapter else { return .absent }
        if adapter.isPowered { return .ready }
        return adapter.isBlocked || block.state != .none ? .blocked : .poweredOff
    }
}

/// See `Radio.strangers`.
final class Strangers: Sendable {
    /// One that was not heard for so long is removed even while the scan goes on; before, it would come back at once.
    private static let lifetime: Duration = .seconds(60)

    private let heardAt = Mutex<[String: MonotonicInstant]>([:])

    /// Our scan has brought it in.
    func add(_ device: String, at now: MonotonicInstant) {
        self.heardAt.withLock { $0[device] = now }
    }

    /// It was heard; one that was there before our scan is left alone.
    func heard(_ device: String, at now: MonotonicInstant) {
        self.heardAt.withLock { if $0[device] != nil { $0[device] = now } }
    }

    /// It is gone, or a candidate.
    func forget(_ device: String) {
        self.heardAt.withLock { $0[device] = nil }
    }

    /// Takes out those that are to be removed: all, or those that fell silent.
    func take(all: Bool, at now: MonotonicInstant) -> [String] {
        self.heardAt.withLock { heardAt in
            let due = heardAt.filter { all || $0.value.duration(to: now) >= Self.lifetime }.keys.sorted()
            for device in due { heardAt[device] = nil }
            return due
        }
    }
}
