import MQTTTransport
import PollLoop
import StationCore
import StationTestSupport
import Synchronization

/// The station's side of the broker, as a test wants it: answers handshakes, writes everything down, sends commands.
final class StationPeer: Sendable {
    enum Answer: Sendable {
        case ok, unknownDevice, silence
    }

    struct Heard: Sendable, Hashable {
        let device: String
        let suffix: String
        let text: String
    }

    private struct State {
        var heard: [Heard] = []
        var answers: [Answer] = []
        var standingAnswer: Answer
        var connection: MQTTConnection?
    }

    static let id = "st-1"

    private let state: Mutex<State>

    private init(_ answer: Answer) {
        self.state = Mutex(State(standingAnswer: answer))
    }

    /// Connects and subscribes, runs `body`, and leaves.
    static func run<Result>(
        on endpoint: MQTTEndpoint, answering answer: Answer = .ok,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (StationPeer) async throws -> Result
    ) async throws -> Result {
        let loop = try LoopThread(name: "station-peer")
        defer { loop.stop() }
        let peer = StationPeer(answer)
        do {
            try await peer.connect(to: endpoint, on: loop)
            let result = try await body(peer)
            await peer.leave()
            return result
        } catch {
            await peer.leave()
            throw error
        }
    }

    /// Connects again, after the broker was away.
    func connect(to endpoint: MQTTEndpoint, on loop: LoopThread) async throws {
        let connection = try await MQTTConnection.open(
            on: loop, to: endpoint, options: MQTTConnectionOptions(clientID: "station-peer", maxInflight: 10_000)
        ) { message in
            self.received(message)
        }
        self.state.withLock { $0.connection = connection }
        try await connection.subscribe(
            ["handshake", "state", "event", "heartbeat"].map { "station/\(Self.id)/device/+/\($0)" })
    }

    private func leave() async {
        await self.state.withLock { $0.connection }?.close()
    }

    /// What to answer to the next handshakes, before the standing answer comes again.
    func answerNext(_ answers: [Answer]) {
        self.state.withLock { $0.answers = answers }
    }

    func heard(_ device: String, _ suffix: String) -> [String] {
        self.state.withLock { state in
            state.heard.filter { $0.device == device && $0.suffix == suffix }.map(\.text)
        }
    }

    func heard(_ suffix: String) -> [Heard] {
        self.state.withLock { state in state.heard.filter { $0.suffix == suffix } }
    }

    struct NotConnected: Error {}

    func command(_ text: String, to device: String) async throws {
        guard let connection = self.state.withLock({ $0.connection }) else { throw NotConnected() }
        try await connection.publish(MQTTMessage(topic: "station/\(Self.id)/device/\(device)/command", text: text))
    }

    private func received(_ message: InboundMessage) {
        let levels = message.topic.split(separator: "/", omittingEmptySubsequences: false)
        guard levels.count == 5 else { return }
        let heard = Heard(
            device: String(levels[3]), suffix: String(levels[4]), text: String(decoding: message.payload, as: UTF8.self)
        )
        let (connection, answer) = self.state.withLock { state -> (MQTTConnection?, Answer) in
            state.heard.append(heard)
            guard heard.suffix == "handshake" else { return (nil, .silence) }
            return (state.connection, state.answers.isEmpty ? state.standingAnswer : state.answers.removeFirst())
        }
        let status: String
        switch answer {
        case .ok: status = "ok"
        case .unknownDevice: status = "unknown_device"
        case .silence: return
        }
        let reply = MQTTMessage(
            topic: "station/\(Self.id)/device/\(heard.device)/handshake/ack", text: #"{"status":"\#(status)"}"#)
        connection?.assumeIsolated { connection in
            do {
                try connection.enqueue(reply)
            } catch {
                // The broker is gone; the device will shake hands again.
            }
        }
    }
}
