import StationCore

/// The rules of a JSON-RPC 2.0 peer without time and without tasks (contract 4, "JSON-RPC 2.0 peer").
///
/// Takes frames, says what is to be done about them, and gathers what is to be answered: a batch is answered when all
/// of it is done.
struct JSONRPCCore {
    /// As many calls are served at once.
    static let maximumCalls = 64
    /// More elements than that in one frame are refused as a whole: each costs an answer far longer than itself.
    static let maximumBatch = 256

    /// What is to be done about a frame, in its order.
    enum Action: Sendable, Hashable {
        case send(String)
        /// To be served; `finish` takes what comes of it.
        case serve(Call)
        /// The peer's answer to a call of ours.
        case answered(id: JSONValue, Result<JSONValue, JSONRPCError>)
        /// An answer to something that was not called here.
        case uncalled(id: JSONValue)
        case legacy(JSONObject)
        /// To be counted.
        case dropped(Drop)
    }

    enum Drop: String, Sendable, Hashable, CaseIterable {
        /// A reply to nothing that was called.
        case unknownReply = "unknown_reply"
        /// A notification of a kind that is not known.
        case unknownNotification = "unknown_notification"
        /// A notification that would have been one call too many.
        case busyNotification = "busy_notification"
    }

    struct Call: Sendable, Hashable {
        let ticket: Ticket
        let method: String
        let params: JSONValue?
    }

    /// Where the answer to a call belongs.
    struct Ticket: Sendable, Hashable {
        fileprivate let frame: Int
        fileprivate let position: Int
    }

    private struct Frame {
        let isBatch: Bool
        /// One for each element; `nil` where nothing is to be answered, or not yet.
        var replies: [JSONValue?]
        /// The ids of those that are not done; `nil` for notifications.
        var open: [Int: JSONValue?] = [:]

        var text: String? {
            let replies = self.replies.compactMap(\.self)
            guard let first = replies.first else { return nil }
            return self.isBatch ? JSONValue.array(replies).description : first.description
        }
    }

    private let methods: Set<String>
    /// Methods that are done at once and in order, and take no place of a call.
    private let instantMethods: Set<String>
    private var frames: [Int: Frame] = [:]
    private var nextFrame = 0
    private var placesTaken: Set<Ticket> = []
    private var called: Set<JSONValue> = []
    private var lastCall: Int64 = 0

    init(methods: Set<String>, instantMethods: Set<String> = []) {
        self.methods = methods
        self.instantMethods = instantMethods
    }

    /// How many calls are being served.
    var callCount: Int { self.placesTaken.count }

    // MARK: Inbound

    /// Takes a text frame.
    mutating func receive(_ text: String) -> [Action] {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(text)
        } catch {
            return [.send(JSONRPCMessage.error(.parse(error), to: .null).description)]
        }
        guard let batch = value.arrayValue else { return self.receive([JSONRPCMessage(value)], isBatch: false) }
        guard (1...Self.maximumBatch).contains(batch.count) else {
            let refusal = JSONRPCError.invalidRequest("a batch has 1–\(Self.maximumBatch) elements.")
            return [.send(JSONRPCMessage.error(refusal, to: .null).description)]
        }
        return self.receive(batch.map(JSONRPCMessage.init), isBatch: true)
    }

    private mutating func receive(_ messages: [JSONRPCMessage], isBatch: Bool) -> [Action] {
        let number = self.nextFrame
        self.nextFrame += 1
        var frame = Frame(isBatch: isBatch, replies: Array(repeating: nil, count: messages.count))
        var actions: [Action] = []
        for (position, message) in messages.enumerated() {
            switch message {
            case .request(let request):
                let ticket = Ticket(frame: number, position: position)
                switch self.admit(request, as: ticket) {
                case .serve(let call):
                    frame.open[position] = .some(request.id)
                    actions.append(.serve(call))
                case .refuse(let error):
                    frame.replies[position] = request.id.map { JSONRPCMessage.error(error, to: $0) }
                case .drop(let drop):
                    actions.append(.dropped(drop))
                }
            case .reply(let id, let outcome):
                let called = self.called.remove(Self.plain(id))
                actions.append(called.map { .answered(id: $0, outcome) } ?? .uncalled(id: id))
            case .legacy(let object) where !isBatch:
                actions.append(.legacy(object))
            case .legacy:
                let refusal = JSONRPCError.invalidRequest("“method” is missing.")
                frame.replies[position] = JSONRPCMessage.error(refusal, to: .null)
            case .malformed(let id, let error):
                frame.replies[position] = JSONRPCMessage.error(error, to: id)
            }
        }
        if !frame.open.isEmpty {
            self.frames[number] = frame
        } else if let text = frame.text {
            actions.append(.send(text))
        }
        return actions
    }

    private enum Admission {
        case serve(Call)
        case refuse(JSONRPCError)
        case drop(Drop)
    }

    private mutating func admit(_ request: JSONRPCMessage.Request, as ticket: Ticket) -> Admission {
        let isInstant = self.instantMethods.contains(request.method)
        guard isInstant || self.methods.contains(request.method) else {
            return request.id == nil ? .drop(.unknownNotification) : .refuse(.methodNotFound(request.method))
        }
        if !isInstant {
            guard self.placesTaken.count < Self.maximumCalls else {
                return request.id == nil ? .drop(.busyNotification) : .refuse(.busy)
            }
            self.placesTaken.insert(ticket)
        }
        return .serve(Call(ticket: ticket, method: request.method, params: request.params))
    }

    /// Takes what came of a call; a second outcome of the same call means nothing.
    ///
    /// - Returns: What is to be sent: the answer, or those of the whole batch when this was the last of it.
    mutating func finish(_ ticket: Ticket, with outcome: Result<JSONValue, JSONRPCError>) -> String? {
        guard let id = self.frames[ticket.frame]?.open.removeValue(forKey: ticket.position) else { return nil }
        if let id {
            self.frames[ticket.frame]?.replies[ticket.position] =
                switch outcome {
                case .success(let result): JSONRPCMessage.result(result, to: id)
                case .failure(let error): JSONRPCMessage.error(error, to: id)
                }
        }
        guard let frame = self.frames[ticket.frame], frame.open.isEmpty else { return nil }
        self.frames[ticket.frame] = nil
        return frame.text
    }

    /// The work of a call is over, whether it was answered by then or not: another can be served.
    mutating func leave(_ ticket: Ticket) {
        self.placesTaken.remove(ticket)
    }

    // MARK: Outbound

    /// Makes a call of ours, whose answer will be `answered`.
    mutating func call(_ method: String, _ params: JSONObject) -> (id: JSONValue, text: String) {
        self.lastCall += 1
        let id = JSONValue.integer(self.lastCall)
        self.called.insert(id)
        return (id, JSONRPCMessage.call(method, params, id: id).description)
    }

    /// Some peers know floating point only and answer 1 with 1.0.
    private static func plain(_ id: JSONValue) -> JSONValue {
        if case .number(let number) = id { JSONValue(plain: number) } else { id }
    }

    /// Nobody waits for this answer any more: if it comes, it is dropped.
    mutating func forget(_ id: JSONValue) {
        self.called.remove(id)
    }
}
