import MQTTTransport
import StationCore
import Synchronization

/// The bridge's present connection, if it is proven, and the message to itself that proves it.
final class BridgeLink: Sendable {
    private struct State {
        var connection: MQTTConnection?
        /// Why there is none, for people.
        var fault = "not connected yet"
        var expectedPing: (payload: [UInt8], arrived: AsyncStream<Void>.Continuation)?
    }

    private let state = Mutex(State())

    var connection: MQTTConnection? {
        self.state.withLock { $0.connection }
    }

    var fault: String {
        self.state.withLock { $0.fault }
    }

    func set(_ connection: MQTTConnection) {
        self.state.withLock { $0.connection = connection }
    }

    /// Notes that there is no connection. Returns true when that is news: there was one, or the reason is another.
    @discardableResult
    func clear(because fault: String) -> Bool {
        self.state.withLock { state in
            let isNews = state.connection != nil || state.fault != fault
            state.connection = nil
            state.fault = fault
            return isNews
        }
    }

    /// Looks out for a certain message to ourselves from now on; the stream has an element once it is back.
    ///
    /// A stream for each message: waiting in vain ends a stream for ever.
    func expectPing(_ payload: [UInt8]) -> AsyncStream<Void> {
        let (arrival, arrived) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.state.withLock { $0.expectedPing = (payload, arrived) }
        return arrival
    }

    /// A message to ourselves has come, ours or somebody else's.
    func pingReturned(_ payload: [UInt8]) {
        self.state.withLock { state in
            state.expectedPing?.payload == payload ? state.expectedPing?.arrived : nil
        }?.yield()
    }

    /// Waits for the message that is expected; false when it is not in time, or when the task is cancelled.
    func waitForPing(_ arrival: AsyncStream<Void>, within limit: Duration, on clock: any StationClock) async -> Bool {
        do {
            return try await clock.limit(to: limit) { await arrival.contains { _ in true } } ?? false
        } catch {
            // Cancellation is the only error.
            return false
        }
    }
}
