import StationCore

extension DeviceType {
    /// The shape of contract 2, "Shapes". `commands` is `null` for a type that says nothing about them.
    var json: JSONValue {
        [
            "id": .string(self.id),
            "category": .string(self.category.rawValue),
            "periodic": .bool(self.periodic),
            "capabilities": .array(self.capabilities.map(\.json)),
            "commands": self.commands.map { .array($0.map(\.json)) } ?? .null,
            "events": .array(self.events.map(JSONValue.string)),
        ]
    }
}

extension Capability {
    fileprivate var json: JSONValue {
        [
            "key": .string(self.key),
            "valueType": .string(self.valueType.rawValue),
            "unit": JSONValue(self.unit),
        ]
    }
}

extension CommandDescription {
    fileprivate var json: JSONValue {
        ["action": .string(self.action), "parameters": .array(self.parameters.map(\.json))]
    }
}

extension CommandParameter {
    fileprivate var json: JSONValue {
        [
            "name": .string(self.name),
            "type": .string(self.type.rawValue),
            "min": JSONValue(plain: self.minimum),
            "max": JSONValue(plain: self.maximum),
            "required": .bool(self.isRequired),
        ]
    }
}
