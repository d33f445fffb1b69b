extension DeviceType {
    /// The type as the API and the cloud see it (contract 2, "Shapes"). `commands` is `null` for a type that says
    /// nothing about them.
    public var shape: JSONValue {
        [
            "id": .string(self.id),
            "category": .string(self.category.rawValue),
            "periodic": .bool(self.periodic),
            "capabilities": .array(self.capabilities.map(\.shape)),
            "commands": self.commands.map { .array($0.map(\.shape)) } ?? .null,
            "events": .array(self.events.map(JSONValue.string)),
        ]
    }
}

extension Capability {
    fileprivate var shape: JSONValue {
        [
            "key": .string(self.key),
            "valueType": .string(self.valueType.rawValue),
            "unit": JSONValue(self.unit),
        ]
    }
}

extension CommandDescription {
    fileprivate var shape: JSONValue {
        ["action": .string(self.action), "parameters": .array(self.parameters.map(\.shape))]
    }
}

extension CommandParameter {
    fileprivate var shape: JSONValue {
        [
            "name": .string(self.name),
            "type": .string(self.type.rawValue),
            "min": JSONValue(plain: self.minimum),
            "max": JSONValue(plain: self.maximum),
            "required": .bool(self.isRequired),
        ]
    }
}
