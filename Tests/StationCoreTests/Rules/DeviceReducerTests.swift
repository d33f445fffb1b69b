import StationCore
import Testing

@Suite("What a state report changes")
struct DeviceReducerTests {
    private let registry = DeviceTypeRegistry()

    private func reduce(
        _ state: JSONObject, _ patch: JSONObject, type: String? = nil, isRetained: Bool = false
    ) -> DeviceReducer.Change {
        DeviceReducer().reduce(state, with: patch, type: self.registry[type], isRetained: isRetained)
    }

    @Test("A patch is merged key by key: what it does not name stays")
    func merging() {
        let change = self.reduce(["motion": true, "button": false], ["button": true], type: "switch-pir")
        #expect(change.state == ["motion": true, "button": true])
        #expect(change.droppedKeys == 0)
        #expect(self.reduce(change.state, [:], type: "switch-pir").state == change.state)
    }

    @Test("A key is replaced as a whole: objects in it are not merged")
    func nestedValues() {
        let change = self.reduce(["a": ["x": 1, "y": 2]], ["a": ["z": 3]])
        #expect(change.state == ["a": ["z": 3]])
    }

    @Test("null removes a key and does nothing for one that is not there")
    func null() {
        let change = self.reduce(["on": true, "brightness": 5], ["on": .null, "missing": .null], type: "light")
        #expect(change.state == ["brightness": 5])
        #expect(change.transitions.isEmpty)
        #expect(change.readings.isEmpty)
        #expect(change.droppedKeys == 0)
        // And after it has gone it comes back without a transition: there is no value to change from.
        #expect(self.reduce(change.state, ["on": false], type: "light").transitions.isEmpty)
    }

    @Test("Keys that the type does not declare are kept and shown, and are neither readings nor transitions")
    func unknownKeys() {
        let change = self.reduce(
            ["uptime": 1, "door": false], ["uptime": 7, "door": true, "rssi": -60, "ip": "10.0.0.7", "tags": [1]],
            type: "climate"
        )
        #expect(change.state == ["uptime": 7, "door": true, "rssi": -60, "ip": "10.0.0.7", "tags": [1]])
        #expect(change.readings.isEmpty)
        #expect(change.transitions.isEmpty)
    }

    @Test("A number of a numeric capability is a reading, changed or not, whole or broken")
    func readings() {
        let patch: JSONObject = ["temperature": .number(23.5), "humidity": 60, "pressure": .number(-0.5)]
        let first = self.reduce([:], patch, type: "climate")
        for change in [first, self.reduce(first.state, patch, type: "climate")] {
            #expect(change.readings.map(\.key) == ["temperature", "humidity", "pressure"])
            #expect(change.readings.map(\.value) == [23.5, 60, -0.5])
        }
    }

    @Test(
        "A numeric capability that is not a number is kept and not a reading",
        arguments: ["hot", true, ["value": 7], [7]] as [JSONValue]
    )
    func notANumber(value: JSONValue) {
        let change = self.reduce(["temperature": 20], ["temperature": value], type: "climate")
        #expect(change.state == ["temperature": value])
        #expect(change.readings.isEmpty)
        #expect(change.transitions.isEmpty)
    }

    @Test("A boolean capability that changes is a transition, one that stays is none")
    func transitions() {
        let on = self.reduce(["on": false], ["on": true], type: "light")
        let off = self.reduce(on.state, ["on": false], type: "light")
        for (change, new) in [(on, true), (off, false)] {
            #expect(change.transitions.map(\.key) == ["on"])
            #expect(change.transitions.map(\.old) == [!new])
            #expect(change.transitions.map(\.new) == [new])
            #expect(change.readings.isEmpty)
            #expect(self.reduce(change.state, ["on": .bool(new)], type: "light").transitions.isEmpty)
        }
    }

    @Test("The first value of a boolean capability is no transition", arguments: [true, false])
    func firstValue(value: Bool) {
        let change = self.reduce([:], ["motion": .bool(value)], type: "pir")
        #expect(change.state == ["motion": .bool(value)])
        #expect(change.transitions.isEmpty)
    }

    @Test("A number or a text in the place of a boolean is no transition, nor is coming back from one")
    func notABoolean() {
        let off = self.reduce(["on": true], ["on": 0], type: "light")
        #expect(off.state == ["on": 0])
        #expect(off.transitions.isEmpty)
        #expect(off.readings.isEmpty)
        #expect(self.reduce(off.state, ["on": true], type: "light").transitions.isEmpty)
    }

    @Test("Two booleans that change in one report are two transitions, in the order of the report")
    func twoTransitions() {
        let change = self.reduce(
            ["motion": false, "button": false], ["button": true, "motion": true], type: "switch-pir"
        )
        #expect(change.transitions.map(\.key) == ["button", "motion"])
    }

    @Test("A retained replay refreshes the state and is neither a transition nor a reading")
    func retained() {
        let light = self.reduce(
            ["on": false, "brightness": 5], ["on": true, "brightness": 80, "x": .null], type: "light", isRetained: true
        )
        #expect(light.state == ["on": true, "brightness": 80])
        #expect(light.transitions.isEmpty)
        #expect(light.readings.isEmpty)
        #expect(self.reduce([:], ["a": 1], isRetained: true).readings.isEmpty)
    }

    @Test("Of a device without a known type all numbers are readings, and booleans no transitions")
    func typeless() {
        for type in [nil, "weather-station"] {
            let change = self.reduce(["b": false], ["n": 1, "m": .number(2.5), "b": true, "s": "1"], type: type)
            #expect(change.readings.map(\.key) == ["n", "m"])
            #expect(change.transitions.isEmpty)
        }
    }

    @Test("A state holds at most 128 keys of at most 64 bytes; what is there already still changes")
    func limits() {
        var full = JSONObject()
        for index in 0..<DeviceReducer.maximumKeys { full["k\(index)"] = 0 }
        let overfull = self.reduce(full, ["new": 1, "newer": 2, "k0": 7])
        #expect(overfull.state.count == 128)
        #expect(overfull.state["k0"] == 7)
        #expect(overfull.state["new"] == nil)
        #expect(overfull.droppedKeys == 2)
        #expect(overfull.readings.map(\.key) == ["k0"])
        // A key that goes makes room for one that comes.
        #expect(self.reduce(full, ["k5": .null, "new": 1]).state["new"] == 1)

        let longest = String(repeating: "k", count: 64)
        let long = self.reduce([:], [longest: 1, longest + "k": 2, String(repeating: "é", count: 33): 3])
        #expect(long.state == [longest: 1])
        #expect(long.readings.map(\.key) == [longest])
        #expect(long.droppedKeys == 2)
    }

    @Test("The same state and report give the same answer")
    func pure() {
        let state: JSONObject = ["on": false, "x": 1]
        let patch: JSONObject = ["on": true, "brightness": 3, "x": .null]
        #expect(self.reduce(state, patch, type: "light") == self.reduce(state, patch, type: "light"))
        #expect(state == ["on": false, "x": 1])
    }
}
