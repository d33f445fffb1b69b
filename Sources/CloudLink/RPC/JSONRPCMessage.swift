import StationCore

/// One message of a peer, told from the others (JSON-RPC 2.0, 4 and 5).
enum JSONRPCMessage: Sendable, Hashable {
    case request(Request)
    /// The answer to a call; without an id the peer could not read what it answers.
    case reply(id: JSONValue, Result<JSONValue, JSONRPCError>)
    /// Not a call at all: plain JSON with a `type` and no `method` (contract 4, "Legacy messages").
    case legacy(JSONObject)
    /// To be answered with an error, under the id as far as it could be read.
    case malformed(id: JSONValue, JSONRPCError)

    struct Request: Sendable, Hashable {
        /// `nil` for a notification, which is never answered.
        let id: JSONValue?
        let method: String
        /// An object or an array; `nil` when there is none.
        let params: JSONValue?
    }

    init(_ value: JSONValue) {
        guard let object = value.objectValue else {
            self = .malformed(id: .null, .invalidRequest("it is \(value.kind) and must be an object."))
            return
        }
        if object["method"] != nil {
            self.init(request: object)
        } else if object["result"] != nil || object["error"] != nil {
            // Whatever is wrong with a reply is never answered: two peers could go on like that for ever.
            self.init(reply: object)
        } else if object["type"]?.stringValue != nil {
            self = .legacy(object)
        } else {
            self = .malformed(id: Self.readableID(of: object) ?? .null, .invalidRequest("“method” is missing."))
        }
    }

    private init(request object: JSONObject) {
        let id = Self.readableID(of: object)
        func refusal(_ message: String) -> JSONRPCMessage {
            .malformed(id: id ?? .null, .invalidRequest(message))
        }
        guard object["id"] == nil || id != nil else {
            self = refusal("“id” must be a string, a number or null.")
            return
        }
        guard let method = object["method"]?.stringValue, !method.isEmpty else {
            self = refusal("“method” must be a string.")
            return
        }
        guard object["jsonrpc"] == nil || object["jsonrpc"] == "2.0" else {
            self = refusal("“jsonrpc” must be \"2.0\".")
            return
        }
        switch object["params"] {
        case nil, .null?: self = .request(Request(id: id, method: method, params: nil))
        case .object?, .array?: self = .request(Request(id: id, method: method, params: object["params"]))
        case .bool?, .integer?, .number?, .string?: self = refusal("“params” must be an object or an array.")
        }
    }

    private init(reply object: JSONObject) {
        let id = Self.readableID(of: object) ?? .null
        // Successful replies of JSON-RPC 1.0 carry an `error` that is null.
        if let error = object["error"], error != .null {
            self = .reply(id: id, .failure(JSONRPCError(json: error)))
        } else {
            self = .reply(id: id, .success(object["result"] ?? .null))
        }
    }

    private static func readableID(of object: JSONObject) -> JSONValue? {
        switch object["id"] {
        case .string?, .integer?, .number?, .null?: object["id"]
        case .bool?, .array?, .object?, nil: nil
        }
    }
}

extension JSONRPCMessage {
    // MARK: What we write

    static func result(_ result: JSONValue, to id: JSONValue) -> JSONValue {
        ["jsonrpc": "2.0", "id": id, "result": result]
    }

    static func error(_ error: JSONRPCError, to id: JSONValue) -> JSONValue {
        ["jsonrpc": "2.0", "id": id, "error": error.json]
    }

    static func call(_ method: String, _ params: JSONObject, id: JSONValue? = nil) -> JSONValue {
        var json: JSONObject = ["jsonrpc": "2.0"]
        json["id"] = id
        json["method"] = .string(method)
        json["params"] = .object(params)
        return .object(json)
    }
}
