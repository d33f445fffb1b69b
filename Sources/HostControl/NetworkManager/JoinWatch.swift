import Synchronization
import SystemBus

/// What a device tells by signals while it tries to get into a network: it has forgotten its reasons by the time it is
/// asked.
final class JoinWatch: Sendable {
    private let failure = Mutex<Int?>(nil)

    /// The number of the reason for which the device gave up last; NMDeviceStateReason.
    var reason: Int? { self.failure.withLock { $0 } }

    /// Listens until the stream ends or the task is cancelled.
    func listen(to signals: AsyncStream<BusSignal>) async {
        for await signal in signals { self.note(signal) }
    }

    /// `StateChanged` of a device: the new state, the old one, the reason.
    private func note(_ signal: BusSignal) {
        guard signal.arguments.count == 3, let reason = signal.arguments[2].integer else { return }
        let state = NMDeviceState(signal.arguments[0].integer)
        // A new attempt begins; what came before was about another connection.
        if state == .preparing, NMDeviceState(signal.arguments[1].integer) == .disconnected {
            self.failure.withLock { $0 = nil }
        }
        // For a password it asks because it was thrown out; with none to be had it fails next.
        if state == .failed || state == .needsPassword && reason != 0 { self.failure.withLock { $0 = reason } }
    }
}
