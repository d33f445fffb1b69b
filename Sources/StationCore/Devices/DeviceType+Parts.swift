/// The sensors and actuators that a device has because of its type (contract 2, "Places, sensors, actuators, …").
extension DeviceType {
    /// What a type says of a sensor.
    public struct SensorPart: Sendable, Hashable {
        public let key: String
        public let name: String
        public let valueType: Capability.ValueType
        public let unitLabel: String
    }

    /// What a type says of an actuator.
    public struct ActuatorPart: Sendable, Hashable {
        public let key: String
        public let name: String
        public let valueType: Actuator.ValueType
        public let unitLabel: String
        public let range: ActuatorRange
    }

    /// Every capability is a sensor, except for a boolean that is driven: it is nothing but the actuator's own state.
    public var sensorParts: [SensorPart] {
        self.capabilities.compactMap { capability in
            if capability.valueType == .boolean, self.driver(of: capability) != nil { return nil }
            return SensorPart(
                key: capability.key, name: capability.name, valueType: capability.valueType,
                unitLabel: capability.unit ?? ""
            )
        }
    }

    /// Every capability that a command of the type sets.
    public var actuatorParts: [ActuatorPart] {
        self.capabilities.compactMap { capability in
            guard let driver = self.driver(of: capability) else { return nil }
            var range = ActuatorRange()
            if case .parameter(_, let parameter) = driver, capability.valueType == .number {
                range.minimum = parameter.minimum ?? capability.minimum
                range.maximum = parameter.maximum ?? capability.maximum
                // A percentage is shown and set in whole numbers; of other units nothing is known.
                range.step = capability.unit == "%" ? 1 : nil
            }
            return ActuatorPart(
                key: capability.key, name: capability.name,
                valueType: capability.valueType == .number ? .number : .boolean, unitLabel: capability.unit ?? "",
                range: range
            )
        }
    }

    /// The command that sets a key to a value; `nil` when the type has none.
    public func command(setting key: String, to value: JSONValue) -> JSONObject? {
        guard let capability = self.capability(key) else { return nil }
        switch self.driver(of: capability) {
        case .onAndOff(let on, let off)?:
            return value.boolValue.map { ["action": .string($0 ? on : off)] }
        case .parameter(let action, let parameter)?:
            var body: JSONObject = ["action": .string(action)]
            body[parameter.name] = value
            return body
        case nil: return nil
        }
    }

    /// How a capability is driven.
    private enum Driver {
        /// `turn_on` and `turn_off` for the key `on`.
        case onAndOff(on: String, off: String)
        /// `set_…` with the new value as its argument of the same name.
        case parameter(action: String, CommandParameter)
    }

    private func driver(of capability: Capability) -> Driver? {
        let commands = self.commands ?? []
        if let command = commands.first(where: { $0.action == "set_\(capability.key)" }),
            let parameter = command.parameters.first(where: { $0.name == capability.key }),
            parameter.type.rawValue == capability.valueType.rawValue,
            command.parameters.allSatisfy({ $0.name == capability.key || !$0.isRequired })
        {
            return .parameter(action: command.action, parameter)
        }
        let actions = Set(commands.filter { $0.parameters.allSatisfy { !$0.isRequired } }.map(\.action))
        guard capability.key == "on", capability.valueType == .boolean, actions.isSuperset(of: ["turn_on", "turn_off"])
        else { return nil }
        return .onAndOff(on: "turn_on", off: "turn_off")
    }
}

extension Capability {
    /// The key as people read it: `air_quality` is “Air quality”.
    fileprivate var name: String {
        let words = self.key.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
