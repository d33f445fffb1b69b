import StationCore
import StationSocket
import Synchronization

/// One station's connection, from the opening handshake to its end.
final class LabSession: Sendable {
    private struct State {
        var chipID: String?
        var isAuthenticated = false
        var isOver = false
        var lastCall: Int64 = 0
        var calls: [Int64: AsyncStream<LabReply>.Continuation] = [:]
    }

    let number: Int
    let line: LabLine
    let connection: SocketConnection
    private let cloud: LabCloud
    private let state = Mutex(State())

    init(number: Int, line: LabLine, connection: SocketConnection, cloud: LabCloud) {
        self.number = number
        self.line = line
        self.connection = connection
        self.cloud = cloud
    }

    /// Who it is; nil until it has told.
    var chipID: String? { self.state.withLock { $0.chipID } }

    /// Whether the station has shown a token that counts.
    var isAuthenticated: Bool { self.state.withLock { $0.isAuthenticated && !$0.isOver } }

    // MARK: - Sending

    /// Sends an object. That the connection is over shows at its end.
    func send(_ message: JSONObject) async {
        await self.send(JSONValue.object(message).description)
    }

    /// Sends a text as it is.
    func send(_ text: String) async {
        self.cloud.note(.sent, LabLog.message(of: text), self)
        do throws(SocketError) {
            try await self.connection.send(text)
        } catch {
            self.cloud.note(.note, .string("not sent: \(error)"), self)
        }
    }

    /// Calls a method of the station (JSON-RPC 2.0).
    ///
    /// - Returns: nil when no answer came in time, or the connection ended.
    /// - Throws: `CancellationError`.
    func call(_ method: String, _ params: JSONValue?, within limit: Duration) async throws -> LabReply? {
        let (replies, input) = AsyncStream.makeStream(of: LabReply.self, bufferingPolicy: .bufferingOldest(1))
        let id = self.state.withLock { state -> Int64? in
            guard !state.isOver else { return nil }
            state.lastCall += 1
            state.calls[state.lastCall] = input
            return state.lastCall
        }
        guard let id else { return nil }
        defer { self.state.withLock { $0.calls[id] = nil } }
        var request: JSONObject = ["jsonrpc": "2.0", "id": .integer(id), "method": .string(method)]
        if let params { request["params"] = params }
        let text = JSONValue.object(request).description
        let reply = try await self.cloud.clock.limit(to: limit) {
            await self.send(text)
            return await Self.first(of: replies)
        }
        return reply ?? nil
    }

    private static func first(of replies: AsyncStream<LabReply>) async -> LabReply? {
        for await reply in replies { return reply }
        return nil
    }

    /// Nothing more comes.
    func end() {
        let calls = self.state.withLock { state in
            state.isOver = true
            defer { state.calls = [:] }
            return Array(state.calls.values)
        }
        for call in calls { call.finish() }
    }

    // MARK: - Receiving

    /// Takes a message of the station.
    func receive(_ message: SocketMessage) async {
        guard case .text(let text) = message else { return self.cloud.note(.received, "binary", self) }
        self.cloud.note(.received, LabLog.message(of: text), self)
        let habits = self.cloud.habits(towards: self.chipID)
        if habits.delay > .zero {
            // Only fails when the connection is over.
            await self.cloud.clock.pause(for: habits.delay)
        }
        guard !habits.isSilent else { return }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(text)
        } catch {
            return await self.send(Self.failure(-32700, "not JSON: \(error)", id: .null))
        }
        let elements = value.arrayValue ?? [value]
        var events: [JSONValue] = []
        for element in elements {
            guard let object = element.objectValue else {
                await self.send(Self.failure(-32600, "not an object", id: .null))
                continue
            }
            if let event = await self.take(object) { events.append(.string(event)) }
        }
        guard !events.isEmpty else { return }
        await self.send(["jsonrpc": "2.0", "method": "ack", "params": ["eventIds": .array(events)]])
    }

    /// Returns an event id that is to be acknowledged.
    private func take(_ message: JSONObject) async -> String? {
        if let method = message["method"]?.stringValue {
            guard let chipID = self.authenticatedChipID else {
                if let id = message["id"] { await self.send(Self.failure(-32000, "not authenticated", id: id)) }
                return nil
            }
            guard let id = message["id"] else { return self.cloud.notified(message, method: method, by: chipID) }
            await self.answer(method, id)
            return self.cloud.notified(message, method: method, by: chipID)
        }
        if let type = message["type"]?.stringValue {
            await self.take(message, type: type)
        } else if case .integer(let id)? = message["id"] {
            let call = self.state.withLock { $0.calls.removeValue(forKey: id) }
            call?.yield(LabReply(message))
            call?.finish()
        }
        return nil
    }

    private func take(_ message: JSONObject, type: String) async {
        var verdict: LabVerdict
        switch type {
        case "claim_handshake":
            guard let chipID = message["chipId"]?.stringValue, LabToken.isChipID(chipID),
                let secret = message["claimSecret"]?.stringValue, !secret.isEmpty
            else {
                verdict = .error("chipId and claimSecret are texts", to: type)
                break
            }
            verdict = self.cloud.handshake(chipID, Secret(secret), self)
        case "station_auth":
            guard let token = message["stationToken"]?.stringValue else {
                verdict = .error("stationToken is a text", to: type)
                break
            }
            verdict = self.cloud.authenticate(Secret(token), self)
        case "error":
            return self.cloud.refused(by: self.chipID)
        default:
            // An acknowledgement of a reset, for one; the log has it.
            return
        }
        verdict.replaced?.line.drop()
        if self.cloud.habits(towards: self.chipID).isGarbled { await self.send("\u{1}} this is no JSON {") }
        for answer in verdict.answers { await self.send(answer) }
        if verdict.drops { self.line.drop() }
    }

    /// The cloud's own methods.
    private func answer(_ method: String, _ id: JSONValue) async {
        switch method {
        case "station.invite": await self.send(["jsonrpc": "2.0", "id": id, "result": ["ok": true]])
        default: await self.send(Self.failure(-32601, "there is no method “\(method)”", id: id))
        }
    }

    /// Remembers whom the cloud takes it for.
    func identify(_ verdict: LabVerdict) {
        self.state.withLock { state in
            if let chipID = verdict.chipID { state.chipID = chipID }
            state.isAuthenticated = verdict.isAuthenticated
        }
    }

    private var authenticatedChipID: String? { self.state.withLock { $0.isAuthenticated ? $0.chipID : nil } }

    private static func failure(_ code: Int64, _ message: String, id: JSONValue) -> JSONObject {
        ["jsonrpc": "2.0", "id": id, "error": ["code": .integer(code), "message": .string(message)]]
    }
}
