/// What a kind of device can report and be told (contract 1, "Device type registry").
public struct DeviceType: Sendable, Hashable {
    public enum Category: String, Sendable, Hashable, CaseIterable {
        case sensor, actuator
    }

    public let id: String
    public let category: Category
    /// Whether it reports at an interval rather than on change.
    public let periodic: Bool
    public let capabilities: [Capability]
    /// `nil` when the type says nothing about commands: then any action passes.
    public let commands: [CommandDescription]?
    public let events: [String]

    public init(
        id: String, category: Category, periodic: Bool, capabilities: [Capability], commands: [CommandDescription]?,
        events: [String]
    ) {
        self.id = id
        self.category = category
        self.periodic = periodic
        self.capabilities = capabilities
        self.commands = commands
        self.events = events
    }

    public func capability(_ key: String) -> Capability? {
        self.capabilities.first { $0.key == key }
    }
}

/// One key of a device's state that the type declares.
public struct Capability: Sendable, Hashable {
    public enum ValueType: String, Sendable, Hashable, CaseIterable {
        case number, boolean
    }

    public let key: String
    public let valueType: ValueType
    /// Free text such as `°C`; `nil` for none.
    public let unit: String?
    public let minimum: Double?
    public let maximum: Double?

    public init(
        key: String, valueType: ValueType, unit: String? = nil, minimum: Double? = nil, maximum: Double? = nil
    ) {
        self.key = key
        self.valueType = valueType
        self.unit = unit
        self.minimum = minimum
        self.maximum = maximum
    }
}

/// A command that a type understands.
public struct CommandDescription: Sendable, Hashable {
    public let action: String
    public let parameters: [CommandParameter]

    public init(action: String, parameters: [CommandParameter] = []) {
        self.action = action
        self.parameters = parameters
    }
}

/// One argument of a command.
public struct CommandParameter: Sendable, Hashable {
    public enum ValueType: String, Sendable, Hashable, CaseIterable {
        case number, boolean, string
    }

    public let name: String
    public let type: ValueType
    /// Smallest and largest number allowed; for a string, `maximum` limits its characters.
    public let minimum: Double?
    public let maximum: Double?
    public let isRequired: Bool

    public init(
        name: String, type: ValueType, minimum: Double? = nil, maximum: Double? = nil, isRequired: Bool = true
    ) {
        self.name = name
        self.type = type
        self.minimum = minimum
        self.maximum = maximum
        self.isRequired = isRequired
    }
}
