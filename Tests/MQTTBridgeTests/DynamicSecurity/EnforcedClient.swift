import MQTTTransport
import PollLoop
import StationCore
import StationTestSupport

/// A client of a broker that judges it: what it may do shows in what it is answered.
final class EnforcedClient: Sendable {
    let connection: MQTTConnection
    private let heard: Locked<[InboundMessage]>

    private init(_ connection: MQTTConnection, _ heard: Locked<[InboundMessage]>) {
        self.connection = connection
        self.heard = heard
    }

    static func connect(
        on loop: LoopThread, to port: Int, _ username: String?, _ password: Secret?, clientID: String?,
        lastWill: MQTTMessage?, cleanSession: Bool
    ) async throws -> EnforcedClient {
        let heard = Locked<[InboundMessage]>([])
        let connection = try await MQTTConnection.open(
            on: loop, to: MQTTEndpoint(host: "127.0.0.1", port: UInt16(port)),
            options: MQTTConnectionOptions(
                clientID: clientID ?? username ?? "nobody", username: username, password: password,
                cleanSession: cleanSession, lastWill: lastWill, connectDeadline: .seconds(20),
                publishDeadline: .seconds(20)
            )
        ) { message in heard.withLock { $0.append(message) } }
        return EnforcedClient(connection, heard)
    }

    /// The topics of what came, in that order.
    var topics: [String] { self.heard.value.map(\.topic) }

    var texts: [String] { self.heard.value.map { String(decoding: $0.payload, as: UTF8.self) } }

    /// Whether a subscription is granted.
    func maySubscribe(to filter: String) async throws -> Bool {
        do throws(MQTTError) {
            try await self.connection.subscribe([filter])
            return true
        } catch {
            guard case .subscriptionRefused = error else { throw error }
            return false
        }
    }

    /// Of some filters those that are granted.
    func granted(_ filters: [String]) async throws -> [String] {
        var granted: [String] = []
        for filter in filters where try await self.maySubscribe(to: filter) { granted.append(filter) }
        return granted
    }

    /// Publishes with QoS 1; in MQTT 3.1.1 a refused message is acknowledged like any other.
    func publish(_ topic: String, _ text: String = "{}") async throws {
        try await self.connection.publish(MQTTMessage(topic: topic, payload: Array(text.utf8)))
    }

    func publishAll(_ topics: [String]) async throws {
        for topic in topics { try await self.publish(topic) }
    }

    /// Waits until the broker has ended the connection.
    func waitUntilCutOff() async throws {
        try await eventually("the broker cuts the client off") { await !self.connection.isOpen }
    }

    var isConnected: Bool { get async { await self.connection.isOpen } }
}
