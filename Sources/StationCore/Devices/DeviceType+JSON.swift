extension DeviceType {
    /// The type as the API shows it and as an operator's file writes it (contract 2, "Shapes").
    public var json: JSONValue {
        var object: JSONObject = [
            "id": .string(self.id), "category": .string(self.category.rawValue), "periodic": .bool(self.periodic),
            "capabilities": .array(self.capabilities.map(\.json)),
        ]
        if let commands = self.commands {
            object["commands"] = .array(commands.map(\.json))
        }
        object["events"] = .array(self.events.map(JSONValue.string))
        return .object(object)
    }

    /// Reads a type from an operator's file.
    ///
    /// - Throws: `DeviceTypeError` naming the member at fault and what is allowed there.
    public init(json: JSONValue) throws(DeviceTypeError) {
        let fields = try DeviceTypeFields(json, at: "")
        try fields.allowOnly(["id", "category", "periodic", "capabilities", "commands", "events"])
        let id = try fields.string("id")
        guard TopicName.isValid(id) else {
            throw fields.error("id", "is “\(id)”; allowed are \(TopicName.rule)")
        }
        self.init(
            id: id,
            category: try fields.choice("category"),
            periodic: try fields.bool("periodic", default: false),
            capabilities: try fields.objects("capabilities") ?? [],
            commands: try fields.objects("commands"),
            events: try fields.strings("events")
        )
    }
}

/// What stands in an operator's type file where something else is wanted.
public struct DeviceTypeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where, such as `commands[1].parameters[0].type`; empty for the whole.
    public let path: String
    public let message: String

    public var description: String {
        self.path.isEmpty ? "The device type \(self.message)." : "“\(self.path)” \(self.message)."
    }
}

extension Capability: DeviceTypePart {
    static let nameKey = "key"

    var json: JSONValue {
        var object: JSONObject = [
            "key": .string(self.key), "valueType": .string(self.valueType.rawValue), "unit": JSONValue(self.unit),
        ]
        object["min"] = self.minimum.map { JSONValue($0) }
        object["max"] = self.maximum.map { JSONValue($0) }
        return .object(object)
    }

    init(fields: DeviceTypeFields) throws(DeviceTypeError) {
        try fields.allowOnly(["key", "valueType", "unit", "min", "max"])
        let limits = try fields.limits()
        self.init(
            key: try fields.string("key"), valueType: try fields.choice("valueType"),
            unit: try fields.optionalString("unit"), minimum: limits.minimum, maximum: limits.maximum
        )
    }
}

extension CommandDescription: DeviceTypePart {
    static let nameKey = "action"

    var json: JSONValue {
        ["action": .string(self.action), "parameters": .array(self.parameters.map(\.json))]
    }

    init(fields: DeviceTypeFields) throws(DeviceTypeError) {
        try fields.allowOnly(["action", "parameters"])
        self.init(action: try fields.string("action"), parameters: try fields.objects("parameters") ?? [])
    }
}

extension CommandParameter: DeviceTypePart {
    static let nameKey = "name"

    var json: JSONValue {
        var object: JSONObject = ["name": .string(self.name), "type": .string(self.type.rawValue)]
        object["min"] = self.minimum.map { JSONValue($0) }
        object["max"] = self.maximum.map { JSONValue($0) }
        object["required"] = .bool(self.isRequired)
        return .object(object)
    }

    init(fields: DeviceTypeFields) throws(DeviceTypeError) {
        try fields.allowOnly(["name", "type", "min", "max", "required"])
        let limits = try fields.limits()
        self.init(
            name: try fields.string("name"), type: try fields.choice("type"), minimum: limits.minimum,
            maximum: limits.maximum, isRequired: try fields.bool("required", default: true)
        )
    }
}
