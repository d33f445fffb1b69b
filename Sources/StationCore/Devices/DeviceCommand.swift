/// Something that a device is told to do.
public struct DeviceCommand: Sendable, Hashable {
    public static let maximumActionLength = 64
    /// In bytes of JSON; firmware reads commands into a small buffer.
    public static let maximumSize = 4096

    public let id: CommandID
    public let action: String
    /// The whole payload, `action` included, as the device will get it.
    public let body: JSONObject

    /// A command from its payload.
    ///
    /// - Throws: `CommandRefusal` when `action` is missing or is not a string of 1–64 characters, or when the whole
    ///   is too large.
    public init(id: CommandID, body: JSONObject) throws(CommandRefusal) {
        guard let action = body["action"]?.stringValue, (1...Self.maximumActionLength).contains(action.count) else {
            throw CommandRefusal(
                code: .invalidArgument, field: "action",
                message: "“action” must be a string of 1–\(Self.maximumActionLength) characters."
            )
        }
        let size = JSONValue.object(body).serialized().count
        guard size <= Self.maximumSize else {
            throw CommandRefusal(
                code: .invalidArgument, field: "action",
                message: "The command is \(size) bytes of JSON; at most \(Self.maximumSize) reach a device."
            )
        }
        self.id = id
        self.action = action
        self.body = body
    }

    /// The payload as it may be shown, stored and announced: without a Wi-Fi password or a token.
    public var redactedBody: JSONObject { self.body.redacted }
}

extension JSONObject {
    private static let secretKeys: Set = ["password", "token", "secret"]

    /// At any depth: the command of a type that the station does not know may be built in any way.
    fileprivate var redacted: JSONObject {
        var shown = self
        for member in self.members {
            let isSecret = Self.secretKeys.contains(member.key.lowercased())
            shown[member.key] = isSecret ? .string(Secret("").description) : member.value.redacted
        }
        return shown
    }
}

extension JSONValue {
    fileprivate var redacted: JSONValue {
        switch self {
        case .object(let object): .object(object.redacted)
        case .array(let elements): .array(elements.map(\.redacted))
        case .null, .bool, .integer, .number, .string: self
        }
    }
}

/// Why a command is not sent: the caller's mistake, found before anything was published.
public struct CommandRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        /// The device's type does not list the action.
        case unknownAction = "command_unknown"
        /// An argument is missing, of the wrong type or out of range.
        case invalidArgument = "command_invalid"
        /// The device's dialect has no words for it.
        case notExpressible = "command_not_supported"
    }

    public let code: Code
    /// The member of the payload at fault.
    public let field: String
    public let message: String

    public init(code: Code, field: String, message: String) {
        self.code = code
        self.field = field
        self.message = message
    }

    public var description: String { self.message }
}
