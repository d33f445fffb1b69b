public import StationCore

/// What a station answered to a call (JSON-RPC 2.0, 5).
public enum LabReply: Sendable, Hashable {
    case result(JSONValue)
    case error(code: Int64, message: String)

    init(_ reply: JSONObject) {
        if let error = reply["error"], case .integer(let code)? = error["code"] {
            self = .error(code: code, message: error["message"]?.stringValue ?? "")
        } else {
            self = .result(reply["result"] ?? .null)
        }
    }

    /// As it is shown over HTTP.
    public var json: JSONObject {
        switch self {
        case .result(let value): ["result": value]
        case .error(let code, let message): ["error": ["code": .integer(code), "message": .string(message)]]
        }
    }
}
