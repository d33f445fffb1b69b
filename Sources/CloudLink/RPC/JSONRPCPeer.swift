import StationCore
import Synchronization

/// A JSON-RPC 2.0 peer at work: serves the other side's calls beside each other, makes calls of its own.
final class JSONRPCPeer: Sendable {
    /// What a method does; whatever it throws is the answer.
    typealias Method = @Sendable (JSONValue?) async throws(JSONRPCError) -> JSONValue
    /// A method that is done at once, in the order of the calls.
    typealias InstantMethod = @Sendable (JSONValue?) throws(JSONRPCError) -> JSONValue

    /// What `receive` leaves to others.
    enum Rest: Sendable, Hashable {
        case legacy(JSONObject)
        /// An answer to something that was not called through the peer.
        case reply(to: JSONValue)
    }

    /// A call that takes longer is answered with an error, and cancelled.
    static let servingTime = Duration.seconds(10)

    /// A call of ours that waits for its answer.
    private enum Pending {
        case expected
        case waiting(CheckedContinuation<Result<JSONValue, JSONRPCCallError>, Never>)
        case settled(Result<JSONValue, JSONRPCCallError>)
    }

    private struct State {
        var core: JSONRPCCore
        var pending: [JSONValue: Pending] = [:]
        var isFinished = false
    }

    private let methods: [String: Method]
    private let instantMethods: [String: InstantMethod]
    private let queue: OutgoingQueue
    private let clock: any StationClock
    private let metrics: MetricRegistry
    private let state: Mutex<State>
    /// Never more than there are places for calls.
    private let calls: AsyncStream<JSONRPCCore.Call>
    private let callInput: AsyncStream<JSONRPCCore.Call>.Continuation

    init(
        methods: [String: Method], instantMethods: [String: InstantMethod] = [:], queue: OutgoingQueue,
        clock: any StationClock, metrics: MetricRegistry
    ) {
        self.methods = methods
        self.instantMethods = instantMethods
        self.queue = queue
        self.clock = clock
        self.metrics = metrics
        self.state = Mutex(
            State(core: JSONRPCCore(methods: Set(methods.keys), instantMethods: Set(instantMethods.keys)))
        )
        (self.calls, self.callInput) = AsyncStream.makeStream()
    }

    // MARK: Inbound

    /// Serves the calls until `finish` or until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await call in self.calls {
                group.addTask { await self.serve(call) }
            }
            group.cancelAll()
        }
        self.finish()
    }

    /// Takes a text frame; waits while too many answers wait to be sent.
    func receive(_ text: String) async -> [Rest] {
        await self.queue.waitForRoom()
        var rest: [Rest] = []
        for action in self.state.withLock({ $0.core.receive(text) }) {
            switch action {
            case .send(let text): self.queue.answer(text)
            case .serve(let call): self.take(call)
            case .answered(let id, let outcome):
                self.settle(id, outcome.mapError(JSONRPCCallError.refused))
            case .uncalled(let id): rest.append(.reply(to: id))
            case .legacy(let object): rest.append(.legacy(object))
            case .dropped(let drop): self.metrics.count(.cloudDrops, drop.rawValue)
            }
        }
        return rest
    }

    private func take(_ call: JSONRPCCore.Call) {
        guard let method = self.instantMethods[call.method] else {
            self.callInput.yield(call)
            return
        }
        let outcome: Result<JSONValue, JSONRPCError>
        do throws(JSONRPCError) {
            outcome = .success(try method(call.params))
        } catch {
            outcome = .failure(error)
        }
        self.finish(call, with: outcome)
    }

    private func serve(_ call: JSONRPCCore.Call) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let outcome = await self.outcome(of: call)
                // First the place: whoever has the answer may call again at once.
                self.state.withLock { $0.core.leave(call.ticket) }
                self.finish(call, with: outcome)
            }
            group.addTask {
                guard await self.clock.pause(for: Self.servingTime) else { return }
                let message = "It was not done within \(Self.servingTime.components.seconds) s and was given up."
                self.finish(call, with: .failure(.internalError(message)))
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func outcome(of call: JSONRPCCore.Call) async -> Result<JSONValue, JSONRPCError> {
        guard let method = self.methods[call.method] else { return .failure(.methodNotFound(call.method)) }
        do throws(JSONRPCError) {
            return .success(try await method(call.params))
        } catch {
            return .failure(error)
        }
    }

    private func finish(_ call: JSONRPCCore.Call, with outcome: Result<JSONValue, JSONRPCError>) {
        if let text = self.state.withLock({ $0.core.finish(call.ticket, with: outcome) }) { self.queue.answer(text) }
    }

    // MARK: Outbound

    /// Tells something and expects no answer.
    func notify(_ method: String, _ params: JSONObject) async -> Bool {
        await self.queue.tell(JSONRPCMessage.call(method, params).description)
    }

    /// Calls a method of the other side.
    ///
    /// - Throws: `JSONRPCCallError`.
    func call(
        _ method: String, _ params: JSONObject, within time: Duration = .seconds(10)
    ) async throws(JSONRPCCallError) -> JSONValue {
        let (id, text) = try self.begin(method, params)
        defer { self.forget(id) }
        let outcome: Result<JSONValue, JSONRPCCallError>?
        do {
            outcome = try await self.clock.limit(to: time) {
                guard await self.queue.tell(text) else { return .failure(.closed) }
                return await self.answer(to: id)
            }
        } catch {
            throw .closed
        }
        guard let outcome else { throw .timedOut }
        return try outcome.get()
    }

    private func begin(
        _ method: String, _ params: JSONObject
    ) throws(JSONRPCCallError) -> (id: JSONValue, text: String) {
        let begun = self.state.withLock { state -> Result<(id: JSONValue, text: String), JSONRPCCallError> in
            guard !state.isFinished else { return .failure(.closed) }
            guard state.pending.count < JSONRPCCore.maximumCalls else { return .failure(.tooMany) }
            let call = state.core.call(method, params)
            state.pending[call.id] = .expected
            return .success(call)
        }
        return try begun.get()
    }

    private func answer(to id: JSONValue) async -> Result<JSONValue, JSONRPCCallError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = self.state.withLock { state -> Result<JSONValue, JSONRPCCallError>? in
                    switch state.pending[id] {
                    case .settled(let outcome)?: return outcome
                    case .expected? where !Task.isCancelled:
                        state.pending[id] = .waiting(continuation)
                        return nil
                    case .expected?, .waiting?, nil: return .failure(.closed)
                    }
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            self.settle(id, .failure(.closed))
        }
    }

    private func settle(_ id: JSONValue, _ outcome: Result<JSONValue, JSONRPCCallError>) {
        let pending = self.state.withLock { state in
            let pending = state.pending[id]
            switch pending {
            case .expected?, .waiting?: state.pending[id] = .settled(outcome)
            case .settled?, nil: break
            }
            return pending
        }
        if case .waiting(let continuation)? = pending { continuation.resume(returning: outcome) }
    }

    private func forget(_ id: JSONValue) {
        self.state.withLock { state in
            state.pending[id] = nil
            state.core.forget(id)
        }
    }

    /// Ends `run`, and every call of ours with `.closed`.
    func finish() {
        self.callInput.finish()
        let ids = self.state.withLock { state in
            state.isFinished = true
            return Array(state.pending.keys)
        }
        for id in ids { self.settle(id, .failure(.closed)) }
    }
}

extension MetricRegistry.Counter {
    /// What the cloud sent that means nothing here (contract 4: "counted and dropped").
    static let cloudDrops = Self(
        "station_cloud_dropped_total", help: "Messages of the cloud that were dropped.", label: "reason"
    )
}
