import MQTTTransport
import PollLoop
import StationCore
import StationTestSupport
import Synchronization

/// A client of the broker that plays devices or looks on, and keeps all that it receives.
final class BrokerClient: Sendable {
    private final class Log: Sendable {
        let messages = Mutex<[InboundMessage]>([])
    }

    /// All that the station says to devices.
    static let stationsWords = ["station/+/device/+/handshake/ack", "station/+/device/+/command"]
    /// So many messages at most are sent before the oldest is acknowledged.
    private static let inFlight = 500

    let connection: MQTTConnection
    private let log: Log

    private init(_ connection: MQTTConnection, _ log: Log) {
        self.connection = connection
        self.log = log
    }

    static func connect(
        on loop: LoopThread, to port: Int, id: String, user: String?, password: Secret?, hearing filters: [String]
    ) async throws -> BrokerClient {
        let log = Log()
        let connection = try await MQTTConnection.open(
            on: loop, to: MQTTEndpoint(host: "127.0.0.1", port: UInt16(port)),
            options: MQTTConnectionOptions(
                clientID: id, username: user, password: password, connectDeadline: .seconds(20),
                publishDeadline: .seconds(20)
            )
        ) { message in
            log.messages.withLock { $0.append(message) }
        }
        if !filters.isEmpty { try await connection.subscribe(filters) }
        return BrokerClient(connection, log)
    }

    /// What came, in that order.
    var messages: [InboundMessage] { self.log.messages.withLock { $0 } }

    /// What came on a topic, as text.
    func texts(on topic: String) -> [String] {
        self.messages.filter { $0.topic == topic }.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    /// Publishes with QoS 1 and returns once the broker has it.
    func publish(_ topic: String, _ text: String) async throws {
        try await self.connection.publish(MQTTMessage(topic: topic, text: text))
    }

    /// Publishes many, in their order, and returns once the broker has them all.
    func publish(_ messages: [MQTTMessage]) async throws {
        for message in messages {
            while await self.connection.unacknowledged >= Self.inFlight { await Task.yield() }
            try await self.connection.enqueue(message)
        }
        try await eventually("all messages are acknowledged") { await self.connection.unacknowledged == 0 }
    }
}
