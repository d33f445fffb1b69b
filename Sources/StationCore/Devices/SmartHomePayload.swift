/// Reads what the published ESP32 firmware says (contract 1), whichever way it comes: over the broker or over HTTP.
///
/// Every name is exact: devices in the field cannot be changed.
public enum SmartHomePayload {
    /// - Throws: `PayloadFault`.
    public static func handshake(_ object: JSONObject) throws(PayloadFault) -> DeviceReport.Content {
        let type = try object.text("type")
        if let type, !TopicName.isValid(type) {
            throw PayloadFault("type", "“type” is not \(TopicName.rule)")
        }
        return .handshake(
            Handshake(
                type: type, firmwareVersion: try object.text("firmwareVersion"), chip: try object.text("chip"),
                kitTag: try object.text("kit_tag")
            )
        )
    }

    /// - Throws: `PayloadFault`.
    public static func state(_ object: JSONObject) throws(PayloadFault) -> DeviceReport.Content {
        guard let patch = object["state"]?.objectValue else {
            throw PayloadFault("state", "“state” is not an object")
        }
        var measuredAt: Timestamp?
        if let text = try object.text("timestamp") {
            guard let time = Timestamp(iso8601: text) else {
                throw PayloadFault("timestamp", "“timestamp” is no ISO 8601 time")
            }
            measuredAt = time
        }
        return .state(patch, measuredAt: measuredAt)
    }

    /// - Throws: `PayloadFault`.
    public static func event(_ object: JSONObject) throws(PayloadFault) -> DeviceReport.Content {
        guard let kind = try object.text("event").flatMap(DeviceEventKind.init) else {
            throw PayloadFault("event", "“event” is neither device_event nor user_event")
        }
        switch object["data"] {
        case nil, .null?: return .event(kind, data: JSONObject())
        case .object(let data)?: return .event(kind, data: data)
        case let value?: throw PayloadFault("data", "“data” is \(value.kind), not an object")
        }
    }

    /// - Throws: `PayloadFault`.
    public static func heartbeat(_ object: JSONObject) throws(PayloadFault) -> DeviceReport.Content {
        switch try object.text("status") {
        case "online": .heartbeat
        case "offline": .lastWill
        default: throw PayloadFault("status", "“status” is neither online nor offline")
        }
    }
}

/// What is not as it should be in a device's payload (contract 1, rule 7).
public struct PayloadFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The member at fault.
    public let field: String
    public let description: String

    public init(_ field: String, _ description: String) {
        self.field = field
        self.description = description
    }
}

extension JSONObject {
    /// A member that must be a string if it is there.
    ///
    /// - Throws: `PayloadFault`.
    public func text(_ key: String, maximumLength: Int = 64) throws(PayloadFault) -> String? {
        switch self[key] {
        case nil, .null?: return nil
        case .string(let text)?:
            guard text.unicodeScalars.count <= maximumLength else {
                throw PayloadFault(key, "“\(key)” is longer than \(maximumLength) characters")
            }
            return text
        case let value?: throw PayloadFault(key, "“\(key)” is \(value.kind), not a string")
        }
    }
}
