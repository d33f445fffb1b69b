import StationCore
import Testing

@Suite("An operator's device type file")
struct DeviceTypeJSONTests {
    private static let good = #"""
        {"id":"valve.v2","category":"actuator","periodic":true,
         "capabilities":[{"key":"flow","valueType":"number","unit":"l/min","min":0,"max":12.5},{"key":"open","valueType":"boolean"}],
         "commands":[{"action":"open","parameters":[{"name":"percent","type":"number","min":0,"max":100,"required":false},{"name":"mode","type":"string"}]},{"action":"shut"}],
         "events":["leak","dry"]}
        """#

    @Test("is read with all that it says")
    func reading() throws {
        let type = try DeviceType(json: JSONValue.parse(Self.good))
        #expect(
            type
                == DeviceType(
                    id: "valve.v2", category: .actuator, periodic: true,
                    capabilities: [
                        Capability(key: "flow", valueType: .number, unit: "l/min", minimum: 0, maximum: 12.5),
                        Capability(key: "open", valueType: .boolean),
                    ],
                    commands: [
                        CommandDescription(
                            action: "open",
                            parameters: [
                                CommandParameter(
                                    name: "percent", type: .number, minimum: 0, maximum: 100, isRequired: false),
                                CommandParameter(name: "mode", type: .string),
                            ]
                        ),
                        CommandDescription(action: "shut"),
                    ],
                    events: ["leak", "dry"]
                )
        )
        #expect(type.capability("flow")?.unit == "l/min")
        #expect(type.capability("none") == nil)
    }

    @Test("may leave out all but id and category; without a command list it says nothing about commands")
    func minimal() throws {
        let type = try DeviceType(json: ["id": "x", "category": "sensor"])
        #expect(
            type == DeviceType(id: "x", category: .sensor, periodic: false, capabilities: [], commands: nil, events: [])
        )
        #expect(try DeviceType(json: ["id": "x", "category": "sensor", "commands": []]).commands == [])
    }

    @Test("comes back from what the API shows of it")
    func roundTrip() throws {
        let own = try DeviceType(json: JSONValue.parse(Self.good))
        let open = try DeviceType(json: ["id": "x", "category": "sensor"])
        for type in DeviceType.builtIn + [own, open] {
            #expect(try DeviceType(json: JSONValue.parse(type.json.description)) == type)
        }
    }

    @Test(
        "with a fault is refused, naming the place and what is allowed",
        arguments: [
            ("[]", "", "is an array, not an object"),
            (#""light""#, "", "is a string, not an object"),
            (#"{"category":"sensor"}"#, "id", "is missing"),
            (#"{"id":null,"category":"sensor"}"#, "id", "is missing"),
            (#"{"id":7,"category":"sensor"}"#, "id", "is a number, not a string"),
            (#"{"id":"","category":"sensor"}"#, "id", "is empty"),
            (#"{"id":"a/b","category":"sensor"}"#, "id", "is “a/b”; allowed are 1–64 characters out of"),
            (#"{"id":"x"}"#, "category", "is missing"),
            (#"{"id":"x","category":"thing"}"#, "category", "is “thing”; allowed are sensor, actuator"),
            (#"{"id":"x","category":"sensor","periodic":"yes"}"#, "periodic", "is a string, not true or false"),
            (
                #"{"id":"x","category":"sensor","capability":[]}"#, "capability",
                "is not known here; known are id, category"
            ),
            (#"{"id":"x","category":"sensor","capabilities":{}}"#, "capabilities", "is an object, not an array"),
            (#"{"id":"x","category":"sensor","capabilities":["t"]}"#, "capabilities[0]", "is a string, not an object"),
            (
                #"{"id":"x","category":"sensor","capabilities":[{"valueType":"number"}]}"#, "capabilities[0].key",
                "is missing"
            ),
            (
                #"{"id":"x","category":"sensor","capabilities":[{"key":"t"}]}"#, "capabilities[0].valueType",
                "is missing"
            ),
            (
                #"{"id":"x","category":"sensor","capabilities":[{"key":"t","valueType":"number"},{"key":"u","valueType":"text"}]}"#,
                "capabilities[1].valueType", "is “text”; allowed are number, boolean"
            ),
            (
                #"{"id":"x","category":"sensor","capabilities":[{"key":"t","valueType":"number","unit":7}]}"#,
                "capabilities[0].unit", "is a number, not a string"
            ),
            (
                #"{"id":"x","category":"sensor","capabilities":[{"key":"t","valueType":"number","min":"0"}]}"#,
                "capabilities[0].min", "is a string, not a number"
            ),
            (
                #"{"id":"x","category":"sensor","capabilities":[{"key":"t","valueType":"number","min":5,"max":4}]}"#,
                "capabilities[0].min", "is above “max”"
            ),
            (
                #"{"id":"x","category":"sensor","capabilities":[{"key":"t","valueType":"number","step":1}]}"#,
                "capabilities[0].step", "is not known here"
            ),
            (
                #"{"id":"x","category":"sensor","capabilities":[{"key":"t","valueType":"number"},{"key":"t","valueType":"boolean"}]}"#,
                "capabilities[1].key", "is “t” for the second time"
            ),
            (#"{"id":"x","category":"sensor","commands":null}"#, "commands", "is null, not an array"),
            (#"{"id":"x","category":"sensor","commands":[{}]}"#, "commands[0].action", "is missing"),
            (
                #"{"id":"x","category":"sensor","commands":[{"action":"a"},{"action":"a"}]}"#,
                "commands[1].action", "is “a” for the second time"
            ),
            (
                #"{"id":"x","category":"sensor","commands":[{"action":"a","args":[]}]}"#,
                "commands[0].args", "is not known here; known are action, parameters"
            ),
            (
                #"{"id":"x","category":"sensor","commands":[{"action":"a","parameters":[{"type":"number"}]}]}"#,
                "commands[0].parameters[0].name", "is missing"
            ),
            (
                #"{"id":"x","category":"sensor","commands":[{"action":"a"},{"action":"b","parameters":[{"name":"p","type":"int"}]}]}"#,
                "commands[1].parameters[0].type", "is “int”; allowed are number, boolean, string"
            ),
            (
                #"{"id":"x","category":"sensor","commands":[{"action":"a","parameters":[{"name":"p","type":"number","required":1}]}]}"#,
                "commands[0].parameters[0].required", "is a number, not true or false"
            ),
            (
                #"{"id":"x","category":"sensor","commands":[{"action":"a","parameters":[{"name":"p","type":"number","min":2,"max":1}]}]}"#,
                "commands[0].parameters[0].min", "is above “max”"
            ),
            (
                #"{"id":"x","category":"sensor","commands":[{"action":"a","parameters":[{"name":"p","type":"number"},{"name":"p","type":"number"}]}]}"#,
                "commands[0].parameters[1].name", "is “p” for the second time"
            ),
            (
                #"{"id":"x","category":"sensor","events":["a",7]}"#, "events",
                "holds a number where only strings are allowed"
            ),
        ]
    )
    func faults(text: String, path: String, message: String) throws {
        let json = try JSONValue.parse(text)
        let error = #expect(throws: DeviceTypeError.self) { try DeviceType(json: json) }
        #expect(error?.path == path)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        if let error {
            #expect("\(error)" == (path.isEmpty ? "The device type \(error.message)." : "“\(path)” \(error.message)."))
        }
    }

    @Test("has texts of at most 64 characters")
    func lengths() throws {
        let longest = JSONValue.string(String(repeating: "k", count: 64))
        let tooLong = JSONValue.string(String(repeating: "k", count: 65))
        func type(_ key: JSONValue) throws -> DeviceType {
            try DeviceType(json: [
                "id": "x", "category": "sensor", "capabilities": [["key": key, "valueType": "number"]],
            ])
        }
        #expect(throws: Never.self) { try type(longest) }
        let error = #expect(throws: DeviceTypeError.self) { try type(tooLong) }
        #expect(error?.path == "capabilities[0].key")
    }
}
