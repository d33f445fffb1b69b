import MQTTTransport
import StationCore
import Synchronization

/// What comes for the probe.
final class ProbeMailbox: Sendable {
    private struct State {
        var control: BrokerControl?
        var topics: Set<String> = []
    }

    private static let patience = Duration.seconds(5)

    private let state = Mutex(State())
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init() {
        (self.bell, self.ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func forward(to control: BrokerControl) {
        self.state.withLock { $0.control = control }
    }

    func receive(_ message: InboundMessage) {
        guard message.topic != BrokerControl.answerTopic else {
            self.state.withLock { $0.control }?.receive(message.payload)
            return
        }
        self.state.withLock { _ = $0.topics.insert(message.topic) }
        self.ringer.yield()
    }

    func has(_ topic: String) -> Bool {
        self.state.withLock { $0.topics.contains(topic) }
    }

    func waits(for topic: String, on clock: any StationClock) async -> Bool {
        do {
            return try await clock.limit(to: Self.patience) {
                if self.has(topic) { return true }
                return await self.bell.contains { _ in self.has(topic) }
            } ?? false
        } catch {
            return false
        }
    }
}
