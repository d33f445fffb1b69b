/// A value that an actuator can be set to, read from the text in which it is asked for (contract 2, "Places": `command`).
public struct ActuatorValue: Sendable, Hashable {
    /// As it was written: what a device gets whose dialect takes text.
    public let text: String
    /// As JSON has it.
    public let json: JSONValue

    /// How far a number may miss the grid, in steps: what binary fractions cost, and no more.
    private static let gridTolerance = 1e-9
    private static let maximumTextLength = 100

    /// - Throws: `ActuatorValueError` naming the value and what is allowed.
    public init(_ text: String, for actuator: Actuator) throws(ActuatorValueError) {
        let shown = text.unicodeScalars.count > Self.maximumTextLength ? "too long" : "“\(text)”"
        func refuse(_ wanted: String) -> ActuatorValueError {
            ActuatorValueError(message: "“value” is \(shown); “\(actuator.key)” takes \(wanted).")
        }
        switch actuator.valueType {
        case .boolean:
            guard text == "true" || text == "false" else { throw refuse("“true” or “false”") }
            self.json = .bool(text == "true")
        case .choice:
            let options = actuator.range.options ?? []
            guard options.contains(text) else {
                throw refuse("one of \(options.map { "“\($0)”" }.joined(separator: ", "))")
            }
            self.json = .string(text)
        case .number:
            let range = actuator.range
            guard let number = Self.number(text) else { throw refuse("a number such as 21.5") }
            if let minimum = range.minimum, number < minimum { throw refuse("no less than \(minimum.short)") }
            if let maximum = range.maximum, number > maximum { throw refuse("no more than \(maximum.short)") }
            if let step = range.step, step > 0, !Self.isOnGrid(number, from: range.minimum ?? 0, step: step) {
                throw refuse("steps of \(step.short) from \((range.minimum ?? 0).short)")
            }
            self.json = JSONValue(plain: number)
        }
        self.text = text
    }

    /// Plain decimal notation only: no blanks, no hexadecimal, no infinity.
    private static func number(_ text: String) -> Double? {
        let allowed = Set("0123456789+-.eE".utf8)
        guard text.utf8.count <= Self.maximumTextLength, text.utf8.allSatisfy(allowed.contains),
            let number = Double(text), number.isFinite
        else { return nil }
        return number
    }

    private static func isOnGrid(_ number: Double, from origin: Double, step: Double) -> Bool {
        let steps = (number - origin) / step
        guard steps.isFinite else { return false }
        return abs(steps - steps.rounded()) <= Self.gridTolerance * max(1, abs(steps).squareRoot())
    }
}

/// Why an actuator is not set to a value: nothing was published.
public struct ActuatorValueError: Error, Sendable, Hashable, CustomStringConvertible {
    public let message: String

    public var description: String { self.message }
}
