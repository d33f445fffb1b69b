/// Every device type that the station knows: the built-in ones and those of the operator's files.
public struct DeviceTypeRegistry: Sendable {
    /// In the order of their ids.
    public let types: [DeviceType]
    private let byID: [String: DeviceType]

    /// A later type replaces an earlier one of the same id, so that a file can extend a built-in type.
    public init(_ types: [DeviceType] = DeviceType.builtIn) {
        self.byID = Dictionary(types.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.types = self.byID.values.sorted { $0.id < $1.id }
    }

    public subscript(id: String?) -> DeviceType? {
        id.flatMap { self.byID[$0] }
    }

    /// Checks a command against the type of the device that shall obey it.
    ///
    /// - Throws: `CommandRefusal` naming the action or the argument and what is allowed.
    public func validate(_ command: DeviceCommand, forType id: String?) throws(CommandRefusal) {
        if let description = CommandDescription.builtIn.first(where: { $0.action == command.action }) {
            return try description.validate(command)
        }
        guard let type = self[id], let commands = type.commands else { return }
        guard let description = commands.first(where: { $0.action == command.action }) else {
            let known = (commands + CommandDescription.builtIn).map(\.action).joined(separator: ", ")
            throw CommandRefusal(
                code: .unknownAction, field: "action",
                message: "A device of type “\(type.id)” does not know “\(command.action)”; it knows \(known)."
            )
        }
        try description.validate(command)
    }
}

extension CommandDescription {
    fileprivate func validate(_ command: DeviceCommand) throws(CommandRefusal) {
        for parameter in self.parameters {
            switch command.body[parameter.name] {
            case nil, .null?:
                guard parameter.isRequired else { continue }
                throw parameter.refusal(for: self.action, because: "is missing")
            case let value?:
                try parameter.validate(value, of: self.action)
            }
        }
    }
}

extension CommandParameter {
    fileprivate func validate(_ value: JSONValue, of action: String) throws(CommandRefusal) {
        switch (self.type, value) {
        case (.boolean, .bool):
            return
        case (.string, .string(let text)):
            guard let maximum = self.maximum, Double(text.unicodeScalars.count) > maximum else { return }
            throw self.refusal(for: action, because: "is longer than \(Int(maximum)) characters")
        case (.number, .integer), (.number, .number):
            guard let number = value.doubleValue else { return }
            if let minimum = self.minimum, number < minimum {
                throw self.refusal(for: action, because: "is \(value), below \(JSONValue(minimum).short)")
            }
            if let maximum = self.maximum, number > maximum {
                throw self.refusal(for: action, because: "is \(value), above \(JSONValue(maximum).short)")
            }
        default:
            throw self.refusal(for: action, because: "is \(value.kind), not a \(self.type.rawValue)")
        }
    }

    fileprivate func refusal(for action: String, because reason: String) -> CommandRefusal {
        var allowed = "a \(self.type.rawValue)"
        switch (self.type, self.minimum, self.maximum) {
        case (.number, let minimum?, let maximum?):
            allowed += " from \(JSONValue(minimum).short) to \(JSONValue(maximum).short)"
        case (.number, let minimum?, nil): allowed += " not below \(JSONValue(minimum).short)"
        case (.number, nil, let maximum?): allowed += " not above \(JSONValue(maximum).short)"
        case (.string, _, let maximum?): allowed += " of at most \(Int(maximum)) characters"
        default: break
        }
        return CommandRefusal(
            code: .invalidArgument, field: self.name,
            message: "“\(self.name)” of “\(action)” \(reason); wanted is \(allowed)."
        )
    }
}

extension JSONValue {
    /// A limit as people write it: `100` rather than `100.0`.
    fileprivate var short: String {
        if let value = self.doubleValue, let whole = Int64(exactly: value) { "\(whole)" } else { self.description }
    }
}
