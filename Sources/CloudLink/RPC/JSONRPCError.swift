import StationCore

/// An error as JSON-RPC tells it (JSON-RPC 2.0, 5.1), with the codes of contract 4.
struct JSONRPCError: Error, Sendable, Hashable, CustomStringConvertible {
    let code: Int64
    let message: String
    var data: JSONValue?

    init(code: Int64, message: String, data: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    var description: String { "\(self.message) (\(self.code))" }

    var json: JSONValue {
        var json: JSONObject = ["code": .integer(self.code), "message": .string(self.message)]
        json["data"] = self.data
        return .object(json)
    }

    /// Reads what a peer says; a peer that says it badly has still refused.
    init(json: JSONValue) {
        self.code = json["code"]?.doubleValue.flatMap { Int64(exactly: $0) } ?? Self.internalErrorCode
        self.message = json["message"]?.stringValue ?? "an error without a message"
        self.data = json["data"]
    }

    private static let internalErrorCode: Int64 = -32603

    static func parse(_ error: JSONError) -> JSONRPCError {
        JSONRPCError(code: -32700, message: "Parse error: \(error).")
    }

    static func invalidRequest(_ message: String) -> JSONRPCError {
        JSONRPCError(code: -32600, message: "Invalid request: \(message)")
    }

    static func methodNotFound(_ method: String) -> JSONRPCError {
        JSONRPCError(code: -32601, message: "Method not found: there is no “\(method.prefix(64))”.")
    }

    static func invalidParams(_ message: String, data: JSONValue? = nil) -> JSONRPCError {
        JSONRPCError(code: -32602, message: "Invalid params: \(message)", data: data)
    }

    static func internalError(_ message: String) -> JSONRPCError {
        JSONRPCError(code: Self.internalErrorCode, message: message)
    }

    static let busy = JSONRPCError(code: -32000, message: "Busy: too many calls are being served; try again.")

    static func noSuchDevice(_ message: String) -> JSONRPCError {
        JSONRPCError(code: -32001, message: message)
    }

    static func brokerUnavailable(_ message: String) -> JSONRPCError {
        JSONRPCError(code: -32002, message: message)
    }
}
