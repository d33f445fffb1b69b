import LabCloud
import NIOCore
import StationCore
import StationSocket
import StationTestSupport

/// A station made by hand: a WebSocket, and what came on it.
final class LabClient: Sendable {
    let connection: SocketConnection
    private let texts = Locked<[String]>([])
    private let outcome = Locked<Result<SocketEnding, SocketClientError>?>(nil)
    private let answers = Locked(0)

    private init(clock: any StationClock) {
        let limits = SocketLimits(frameSize: 1 << 20, messageSize: 1 << 20)
        self.connection = SocketConnection(
            role: .client, limits: limits, timing: SocketTiming(heartbeat: nil), clock: clock
        )
    }

    /// Opens a WebSocket to the lab while `body` runs.
    static func run<Result: Sendable>(
        _ lab: LabCloud, clock: any StationClock = SystemStationClock(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (LabClient) async throws -> Result
    ) async throws -> Result {
        let client = LabClient(clock: clock)
        let request = try SocketRequest(host: "127.0.0.1", port: lab.port, path: "/ws/station")
        let running = Task { await client.keep(request, clock) }
        do {
            let result = try await body(client)
            running.cancel()
            await running.value
            return result
        } catch {
            running.cancel()
            await running.value
            throw error
        }
    }

    private func keep(_ request: SocketRequest, _ clock: any StationClock) async {
        do throws(SocketClientError) {
            let ending = try await SocketClient(clock: clock).run(
                self.connection, request, pong: { _ in self.answers.withLock { $0 += 1 } },
                receive: { message in
                    if case .text(let text) = message { self.texts.withLock { $0.append(text) } }
                }
            )
            self.outcome.withLock { $0 = .success(ending) }
        } catch {
            self.outcome.withLock { $0 = .failure(error) }
        }
    }

    // MARK: - What came

    /// All texts so far.
    var received: [String] { self.texts.value }

    /// The texts that are JSON.
    var messages: [JSONValue] { self.received.compactMap { try? JSONValue.parse($0) } }

    /// How it ended, once it has.
    var ending: SocketEnding? { try? self.outcome.value?.get() }

    /// Why it could not be opened, once it is known.
    var failure: SocketClientError? {
        if case .failure(let error)? = self.outcome.value { error } else { nil }
    }

    /// How many pongs have come.
    var pongs: Int { self.answers.value }

    /// Waits for the first message with this value at this key, and returns it.
    @discardableResult
    func message(_ key: String, _ value: String) async throws -> JSONValue {
        var found: JSONValue?
        try await eventually("a message with \(key) \(value); there are \(self.received)") {
            found = self.messages.first { $0[key]?.stringValue == value }
            return found != nil
        }
        return try found.unwrapped("\(key) \(value)")
    }

    /// Waits for the end and returns it.
    func end() async throws -> SocketEnding {
        try await eventually("the connection ends") { self.outcome.value != nil }
        return try self.ending.unwrapped("it was open")
    }

    // MARK: - What it says

    func send(_ message: JSONValue) async throws {
        try await self.connection.send(message.description)
    }

    func handshake(_ chipID: String, secret: String = "s-1") async throws {
        try await self.send(["type": "claim_handshake", "chipId": .string(chipID), "claimSecret": .string(secret)])
    }

    func authenticate(_ token: Secret) async throws {
        try await self.send(["type": "station_auth", "stationToken": .string(token.revealed)])
    }

    /// Shows a token and waits until it is accepted.
    func enter(_ token: Secret) async throws {
        try await self.authenticate(token)
        try await self.message("type", "auth_ok")
    }

    /// Answers the first call of a method.
    func answer(_ method: String, _ key: String, _ value: JSONValue) async throws {
        let call = try await self.message("method", method)
        var reply: JSONObject = ["jsonrpc": "2.0", "id": call["id"] ?? .null]
        reply[key] = value
        try await self.send(.object(reply))
    }
}
