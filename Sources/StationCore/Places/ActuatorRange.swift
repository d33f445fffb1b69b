/// What an actuator can be set to. A bound that is `nil` does not exist; one that is 0 does.
public struct ActuatorRange: Sendable, Hashable {
    public static let maximumOptions = 100
    public static let maximumOptionLength = 100

    public var minimum: Double?
    public var maximum: Double?
    /// The grid of allowed numbers, counted from the minimum, or from 0 where there is none.
    public var step: Double?
    /// What a choice chooses from.
    public var options: [String]?

    public init(minimum: Double? = nil, maximum: Double? = nil, step: Double? = nil, options: [String]? = nil) {
        self.minimum = minimum
        self.maximum = maximum
        self.step = step
        self.options = options
    }

    /// What is wrong with it for values of that type, by field; `nil` when nothing is (contract 2, "Places").
    public func fault(for type: Actuator.ValueType) -> (field: String, message: String)? {
        for (field, value) in [("min_value", self.minimum), ("max_value", self.maximum), ("step", self.step)] {
            guard let value else { continue }
            if !value.isFinite { return (field, "“\(field)” is \(value); it must be a finite number.") }
            if type != .number { return (field, "“\(field)” is for numbers; a \(type.rawValue) actuator has none.") }
        }
        if let minimum = self.minimum, let maximum = self.maximum, minimum > maximum {
            return (
                "min_value",
                "“min_value” is \(minimum.short), above “max_value”, \(maximum.short); it must not be greater."
            )
        }
        if let step = self.step, step <= 0 {
            return ("step", "“step” is \(step.short); it must be greater than 0.")
        }
        return self.optionsFault(for: type)
    }

    private func optionsFault(for type: Actuator.ValueType) -> (field: String, message: String)? {
        let field = "enum_options"
        guard type == .choice else {
            return self.options == nil ? nil : (field, "“\(field)” is for enum actuators; this is a \(type.rawValue).")
        }
        guard let options = self.options, (1...Self.maximumOptions).contains(options.count) else {
            return (field, "An enum actuator needs 1–\(Self.maximumOptions) “\(field)”.")
        }
        if Set(options).count < options.count { return (field, "“\(field)” must not have the same option twice.") }
        guard options.allSatisfy({ (1...Self.maximumOptionLength).contains($0.unicodeScalars.count) }) else {
            return (field, "Each of “\(field)” must have 1–\(Self.maximumOptionLength) characters.")
        }
        return nil
    }
}

extension Double {
    /// As people write it: `100` rather than `100.0`.
    var short: String {
        Int64(exactly: self).map(String.init) ?? self.description
    }
}
