public import StationCore
public import StationSocket

/// A client of `/ws` that keeps what it is sent.
public final class LiveProbe: Sendable {
    private let connection = SocketConnection(role: .client)
    private let received = Locked<[JSONValue]>([])
    private let running: Task<SocketEnding, any Error>

    /// Everything that came so far.
    public var messages: [JSONValue] { self.received.value }
    /// How the connection ended; `nil` while it is open.
    public var ending: SocketEnding? { self.connection.ending }

    public init(
        port: Int, path: String = "/ws", token: Secret? = nil, fields: [(name: String, value: String)] = []
    ) throws {
        let bearer = token.map { [("Authorization", "Bearer \($0.revealed)")] } ?? []
        let request = try SocketRequest(host: "127.0.0.1", port: port, path: path, fields: bearer + fields)
        let connection = self.connection
        let received = self.received
        self.running = Task {
            try await SocketClient().run(connection, request) { message in
                guard case .text(let text) = message, let value = try? JSONValue.parse(text) else { return }
                received.withLock { $0.append(value) }
            }
        }
    }

    /// Connects, runs `body` and closes the connection, whatever happens.
    public static func run(
        port: Int, path: String = "/ws", token: Secret? = nil, fields: [(name: String, value: String)] = [],
        isolation: isolated (any Actor)? = #isolation, _ body: (LiveProbe) async throws -> Void
    ) async throws {
        let probe = try LiveProbe(port: port, path: path, token: token, fields: fields)
        do {
            try await body(probe)
        } catch {
            probe.running.cancel()
            throw error
        }
        probe.running.cancel()
        _ = await probe.running.result
    }

    /// As for one, with several clients at once.
    public static func run(
        count: Int, port: Int, token: Secret, isolation: isolated (any Actor)? = #isolation,
        _ body: ([LiveProbe]) async throws -> Void
    ) async throws {
        let probes = try (0..<count).map { _ in try LiveProbe(port: port, token: token) }
        do {
            try await body(probes)
        } catch {
            for probe in probes { probe.running.cancel() }
            throw error
        }
        for probe in probes { probe.running.cancel() }
        for probe in probes { _ = await probe.running.result }
    }

    public func send(_ json: JSONValue) async throws {
        try await self.connection.send(json.description)
    }

    public func send(_ text: String) async throws {
        try await self.connection.send(text)
    }

    /// Waits for a message of a type, and returns the first one.
    @discardableResult
    public func message(_ type: String, where condition: (JSONValue) -> Bool = { _ in true }) async throws -> JSONValue
    {
        var found: JSONValue?
        try await eventually("\(type) has come") {
            found = self.messages.first { $0["type"]?.stringValue == type && condition($0) }
            return found != nil
        }
        return found ?? .null
    }

    /// Waits for the server to close the connection, and returns the code.
    public func closed() async throws -> UInt16? {
        try await eventually("the server has closed the WebSocket") { self.ending != nil }
        guard case .closedByPeer(let code, _)? = self.ending else { return nil }
        return code.rawValue
    }

    /// Why it could not be opened.
    public func refusal() async -> SocketClientError? {
        do {
            _ = try await self.running.value
            return nil
        } catch {
            return error as? SocketClientError
        }
    }
}
