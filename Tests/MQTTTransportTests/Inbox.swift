import MQTTTransport
import PollLoop
import StationTestSupport
import Synchronization

/// Collects what a connection receives.
final class Inbox: Sendable {
    private let received = Mutex<[InboundMessage]>([])

    var messages: [InboundMessage] { self.received.withLock { $0 } }
    var count: Int { self.received.withLock { $0.count } }
    var texts: [String] { self.messages.map { String(decoding: $0.payload, as: UTF8.self) } }

    func receive(_ message: InboundMessage) {
        self.received.withLock { $0.append(message) }
    }
}

/// Runs `body` with a loop of its own and stops the loop afterwards.
func withLoop<Result>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (LoopThread) async throws -> Result
) async throws -> Result {
    let loop = try LoopThread(name: "test")
    defer { loop.stop() }
    return try await body(loop)
}

extension MQTTConnection {
    /// Connects to a loopback port with short deadlines' worth of options.
    static func dial(
        _ loop: LoopThread,
        _ port: Int,
        id: String,
        inbox: Inbox = Inbox(),
        adjust: (inout MQTTConnectionOptions) -> Void = { _ in }
    ) async throws -> MQTTConnection {
        var options = MQTTConnectionOptions(clientID: id, connectDeadline: .seconds(20), publishDeadline: .seconds(20))
        adjust(&options)
        let endpoint = MQTTEndpoint(host: "127.0.0.1", port: UInt16(port))
        return try await MQTTConnection.open(on: loop, to: endpoint, options: options) { inbox.receive($0) }
    }
}

/// The MQTT error that `body` throws; nil if it throws nothing or something else.
func mqttError(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Void
) async -> MQTTError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? MQTTError
    }
}
