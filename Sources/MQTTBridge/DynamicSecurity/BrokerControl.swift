import MQTTTransport
import StationCore
import Synchronization

/// Commands to Mosquitto's dynamic-security plugin and their answers, over one connection.
///
/// Answers go to everybody who may read them, so they are told apart by what was sent with the commands.
final class BrokerControl: Sendable {
    static let requestTopic = "$CONTROL/dynamic-security/v1"
    static let answerTopic = "$CONTROL/dynamic-security/v1/response"
    /// The largest answer that is read, in bytes.
    static let maximumAnswer = 8 << 20
    /// Lists are read in pieces, so that neither a packet nor the broker's silence grows with the station. The role of
    /// somebody who sees 2 000 devices has 400 KiB.
    private static let pageSize = 16

    private let connection: MQTTConnection
    /// So long an answer is waited for.
    private let deadline: Duration
    private let clock: any StationClock
    private let expected = Mutex<(nonce: String, arrived: AsyncStream<[JSONValue]>.Continuation)?>(nil)

    init(_ connection: MQTTConnection, deadline: Duration, clock: any StationClock) {
        self.connection = connection
        self.deadline = deadline
        self.clock = clock
    }

    /// Takes a message on `answerTopic`.
    func receive(_ payload: [UInt8]) {
        // What cannot be read answers nobody.
        guard let answers = (try? JSONValue.parse(payload))?["responses"]?.arrayValue,
            let correlation = answers.first?["correlationData"]?.stringValue
        else { return }
        self.expected.withLock { expected in
            guard let expectation = expected, correlation == expectation.nonce else { return nil as (() -> Void)? }
            expected = nil
            return {
                expectation.arrived.yield(answers)
                expectation.arrived.finish()
            }
        }?()
    }

    /// The connection is over: whoever waits for an answer waits no longer.
    func abandon() {
        self.expected.withLock { expected in
            defer { expected = nil }
            return expected?.arrived
        }?.finish()
    }

    /// Has the broker carry out commands, in one message, and returns its answers in the same order. For one caller at a
    /// time.
    ///
    /// - Throws: `BrokerControlError`, but not for commands that the broker refuses: that is part of the answers.
    func perform(_ commands: [BrokerCommand]) async throws(BrokerControlError) -> [BrokerAnswer] {
        try await self.send(commands.map(BrokerRequest.init))
    }

    private func send(_ requests: [BrokerRequest]) async throws(BrokerControlError) -> [BrokerAnswer] {
        guard !requests.isEmpty else { return [] }
        let nonce = CommandID.make(at: self.clock.wallTime).description
        let (arrival, arrived) = AsyncStream<[JSONValue]>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.expected.withLock { $0 = (nonce, arrived) }
        defer { self.expected.withLock { $0 = nil } }
        let request: JSONValue = ["commands": .array(requests.map { $0.json(correlation: nonce) })]
        do throws(MQTTError) {
            // The answer is the acknowledgement; one more before it would delay it, by what the kernel waits for company.
            let message = MQTTMessage(topic: Self.requestTopic, payload: request.serialized(), qos: .atMostOnce)
            try await self.connection.publish(message)
        } catch {
            throw .connection(error)
        }
        let answers: [JSONValue]?
        do {
            answers =
                try await self.clock.limit(to: self.deadline) {
                    await arrival.first { _ in true }
                } ?? nil
        } catch {
            throw .connection(.cancelled)
        }
        guard let answers else { throw .unanswered }
        guard answers.count == requests.count else {
            throw .malformed("\(answers.count) answers to \(requests.count) commands")
        }
        return answers.map(BrokerAnswer.init)
    }

    /// Asks for one thing.
    ///
    /// - Throws: `BrokerControlError`, also for a refusal.
    private func ask(_ request: BrokerRequest) async throws(BrokerControlError) -> JSONValue {
        guard let answer = try await self.send([request]).first else { throw .unanswered }
        if let reason = answer.refusal { throw .refused(command: request.name, reason: reason) }
        return answer.data
    }

    /// All that the plugin has, as far as it is the agent's business.
    ///
    /// - Throws: `BrokerControlError`; `.unanswered` from a broker without the plugin.
    func readState() async throws(BrokerControlError) -> BrokerState {
        var state = BrokerState()
        state.access = BrokerDefaultAccess(answer: try await self.ask(.defaultAccess))
        let group = try await self.ask(.anonymousGroup)["group"]?["groupname"]?.stringValue
        state.anonymousGroup = group.flatMap { $0.isEmpty ? nil : $0 }
        for json in try await self.readAll("clients", with: "listClients") {
            if let client = BrokerClient(json: json) { state.clients[client.username] = client }
        }
        for json in try await self.readAll("roles", with: "listRoles") {
            guard let name = json["rolename"]?.stringValue, name.hasPrefix(BrokerPlan.rolePrefix) else { continue }
            let lines = json["acls"]?.arrayValue ?? []
            let acls = lines.compactMap(BrokerACL.init)
            // With lines that we never write it is not as we want it, whatever else it has.
            state.roles[name] = acls.count == lines.count ? Set(acls) : []
        }
        for json in try await self.readAll("groups", with: "listGroups") {
            guard let name = json["groupname"]?.stringValue else { continue }
            state.groups[name] = Set(json["roles"]?.arrayValue?.compactMap { $0["rolename"]?.stringValue } ?? [])
        }
        return state
    }

    private func readAll(_ what: String, with name: String) async throws(BrokerControlError) -> [JSONValue] {
        var found: [JSONValue] = []
        while true {
            let data = try await self.ask(.list(name, count: Self.pageSize, offset: found.count))
            guard let elements = data[what]?.arrayValue, let total = data["totalCount"]?.doubleValue else {
                throw .malformed("no “\(what)” with a “totalCount” in a list")
            }
            found += elements
            if elements.isEmpty || Double(found.count) >= total { return found }
        }
    }
}
