import StationCore
import Testing

@Suite("The range of an actuator")
struct ActuatorRangeTests {
    @Test("is sound when its bounds are in order, its step is positive and an enum has options")
    func sound() {
        for (type, range) in [
            (.number, ActuatorRange()), (.number, ActuatorRange(minimum: 0, maximum: 0, step: 0.1)),
            (.number, ActuatorRange(minimum: -5)), (.boolean, ActuatorRange()),
            (.choice, ActuatorRange(options: ["a"])),
        ] as [(Actuator.ValueType, ActuatorRange)] {
            #expect(range.fault(for: type) == nil)
        }
    }

    @Test("names the field that is wrong")
    func faults() {
        let many = (0...ActuatorRange.maximumOptions).map(String.init)
        for (type, range, field) in [
            (.number, ActuatorRange(minimum: 1, maximum: 0), "min_value"),
            (.number, ActuatorRange(step: 0), "step"), (.number, ActuatorRange(step: -1), "step"),
            (.number, ActuatorRange(minimum: .infinity), "min_value"),
            (.number, ActuatorRange(maximum: .nan), "max_value"),
            (.number, ActuatorRange(options: ["a"]), "enum_options"),
            (.boolean, ActuatorRange(minimum: 0), "min_value"),
            (.choice, ActuatorRange(), "enum_options"), (.choice, ActuatorRange(options: []), "enum_options"),
            (.choice, ActuatorRange(options: ["a", "a"]), "enum_options"),
            (.choice, ActuatorRange(options: [""]), "enum_options"),
            (.choice, ActuatorRange(options: many), "enum_options"),
            (.choice, ActuatorRange(step: 1, options: ["a"]), "step"),
        ] as [(Actuator.ValueType, ActuatorRange, String)] {
            let fault = range.fault(for: type)
            #expect(fault?.field == field, "\(range)")
            #expect(fault?.message.contains("“\(field)”") ?? false)
        }
    }
}
