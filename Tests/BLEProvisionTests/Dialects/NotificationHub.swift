import BLEProvision
import StationTestSupport

/// The notifications of an emulated device.
final class NotificationHub: Sendable {
    private let listeners = Locked<[GATTUUID: [AsyncStream<[UInt8]>.Continuation]]>([:])

    func stream(of uuid: GATTUUID) -> AsyncStream<[UInt8]> {
        let (stream, inlet) = AsyncStream.makeStream(of: [UInt8].self)
        self.listeners.withLock { $0[uuid, default: []].append(inlet) }
        return stream
    }

    func send(_ value: [UInt8], of uuid: GATTUUID) {
        for listener in self.listeners.value[uuid] ?? [] { listener.yield(value) }
    }

    /// The link is gone.
    func close() {
        for listener in self.listeners.value.values.joined() { listener.finish() }
    }
}
