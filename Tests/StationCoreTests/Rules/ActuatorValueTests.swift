import StationCore
import Testing

@Suite("What an actuator can be set to")
struct ActuatorValueTests {
    private func actuator(_ type: Actuator.ValueType, _ range: ActuatorRange = ActuatorRange()) -> Actuator {
        let time = Timestamp(milliseconds: 0)
        return Actuator(
            id: .make(at: time), deviceID: .make(at: time), key: "dial", name: "Dial", valueType: type, unitLabel: "",
            precision: 2, range: range, createdAt: time
        )
    }

    private func accepts(_ text: String, _ actuator: Actuator) -> Bool {
        (try? ActuatorValue(text, for: actuator)) != nil
    }

    @Test("A boolean is true or false, and nothing like it", arguments: ["TRUE", "True", "1", "0", "", "yes", " true"])
    func booleans(other: String) throws {
        let actuator = self.actuator(.boolean)
        #expect(try ActuatorValue("true", for: actuator).json == true)
        #expect(try ActuatorValue("false", for: actuator).json == false)
        #expect(!self.accepts(other, actuator))
    }

    @Test(
        "A number is plain and finite",
        arguments: ["nan", "inf", "-inf", "1e999", "0x10", "1_000", " 1", "1 ", "", "one", "1,5", "--1", "٣"]
    )
    func badNumbers(text: String) {
        #expect(!self.accepts(text, self.actuator(.number)))
    }

    @Test("A number keeps its text and becomes a whole one in JSON where it is")
    func goodNumbers() throws {
        let actuator = self.actuator(.number)
        for (text, json) in [("21", 21), ("21.50", .number(21.5)), ("-0.5", .number(-0.5)), ("1e2", 100)]
            as [(String, JSONValue)]
        {
            let value = try ActuatorValue(text, for: actuator)
            #expect(value.json == json)
            #expect(value.text == text)
        }
    }

    @Test("Bounds belong to the range; 0 is a bound and none is not")
    func bounds() {
        let both = self.actuator(.number, ActuatorRange(minimum: 0, maximum: 100))
        for (text, isAccepted) in [("0", true), ("100", true), ("-0.001", false), ("100.001", false)] {
            #expect(self.accepts(text, both) == isAccepted)
        }
        let none = self.actuator(.number)
        #expect(self.accepts("-1000000", none))
        let zero = self.actuator(.number, ActuatorRange(maximum: 0))
        #expect(self.accepts("-5", zero))
        #expect(!self.accepts("1", zero))
    }

    @Test("The grid begins at the minimum, or at 0, and forgives what binary fractions cost")
    func grid() {
        let tenths = self.actuator(.number, ActuatorRange(minimum: 5, maximum: 30, step: 0.1))
        for text in ["5", "5.1", "5.3", "21.7", "29.9", "30"] { #expect(self.accepts(text, tenths)) }
        for text in ["5.05", "21.71", "5.1000001"] { #expect(!self.accepts(text, tenths)) }
        let odd = self.actuator(.number, ActuatorRange(minimum: 1, step: 2))
        #expect(self.accepts("7", odd))
        #expect(!self.accepts("8", odd))
        let threes = self.actuator(.number, ActuatorRange(step: 3))
        #expect(self.accepts("-6", threes))
        #expect(self.accepts("3000000", threes))
        #expect(!self.accepts("3000000.5", threes))
        #expect(!self.accepts("7", threes))
    }

    @Test("A choice is one of the options, letter by letter")
    func choices() throws {
        let actuator = self.actuator(.choice, ActuatorRange(options: ["heat", "cool"]))
        #expect(try ActuatorValue("heat", for: actuator).json == "heat")
        for text in ["Heat", "", "dry"] { #expect(!self.accepts(text, actuator)) }
    }

    @Test("A refusal names the value, the actuator and what is allowed, and does not repeat a novel")
    func messages() throws {
        let actuator = self.actuator(.number, ActuatorRange(minimum: 5))
        let error = #expect(throws: ActuatorValueError.self) { try ActuatorValue("4", for: actuator) }
        #expect(error?.message == "“value” is “4”; “dial” takes no less than 5.")
        let long = #expect(throws: ActuatorValueError.self) {
            try ActuatorValue(String(repeating: "x", count: 100_000), for: actuator)
        }
        #expect((long?.message.count ?? .max) < 100)
    }
}
