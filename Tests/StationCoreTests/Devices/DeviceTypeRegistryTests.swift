import StationCore
import Testing

@Suite("The device type registry")
struct DeviceTypeRegistryTests {
    private let registry = DeviceTypeRegistry()

    private func refusal(of text: String, forType type: String?) throws -> CommandRefusal? {
        let body = try #require(try JSONValue.parse(text).objectValue)
        let command = try DeviceCommand(id: .make(at: Timestamp(milliseconds: 0)), body: body)
        do throws(CommandRefusal) {
            try self.registry.validate(command, forType: type)
            return nil
        } catch {
            return error
        }
    }

    // MARK: The contract's table

    @Test(
        "holds the contract's types, word by word",
        arguments: [
            (
                "climate",
                #"{"id":"climate","category":"sensor","periodic":true,"capabilities":[{"key":"temperature","valueType":"number","unit":"°C"},{"key":"humidity","valueType":"number","unit":"%"},{"key":"pressure","valueType":"number","unit":"hPa"}],"commands":[],"events":[]}"#
            ),
            (
                "pir",
                #"{"id":"pir","category":"sensor","periodic":false,"capabilities":[{"key":"motion","valueType":"boolean","unit":null}],"commands":[],"events":["motion_detected","motion_cleared"]}"#
            ),
            (
                "switch-pir",
                #"{"id":"switch-pir","category":"sensor","periodic":false,"capabilities":[{"key":"motion","valueType":"boolean","unit":null},{"key":"button","valueType":"boolean","unit":null}],"commands":[],"events":["button_press","motion_detected","motion_cleared"]}"#
            ),
            (
                "light",
                #"{"id":"light","category":"actuator","periodic":false,"capabilities":[{"key":"on","valueType":"boolean","unit":null},{"key":"brightness","valueType":"number","unit":"%","min":0.0,"max":100.0}],"commands":[{"action":"toggle","parameters":[]},{"action":"turn_on","parameters":[]},{"action":"turn_off","parameters":[]},{"action":"set_brightness","parameters":[{"name":"brightness","type":"number","min":0.0,"max":100.0,"required":true}]}],"events":["turned_on","turned_off"]}"#
            ),
        ]
    )
    func builtIn(id: String, json: String) {
        #expect(self.registry[id]?.json.description == json)
    }

    @Test("lists them in the order of their ids and knows no other")
    func list() {
        #expect(self.registry.types.map(\.id) == ["climate", "light", "pir", "switch-pir"])
        #expect(self.registry["Light"] == nil)
        #expect(self.registry[nil] == nil)
    }

    @Test("lets a later type replace an earlier one")
    func replacement() {
        let own = DeviceType(
            id: "light", category: .actuator, periodic: false, capabilities: [], commands: nil, events: []
        )
        let registry = DeviceTypeRegistry(DeviceType.builtIn + [own])
        #expect(registry["light"] == own)
        #expect(registry.types.count == 4)
    }

    // MARK: Commands

    @Test(
        "admits what a type lists and what every device knows",
        arguments: [
            ("light", #"{"action":"toggle"}"#),
            ("light", #"{"action":"turn_on","extra":1}"#),
            ("light", #"{"action":"turn_off"}"#),
            ("light", #"{"action":"set_brightness","brightness":0}"#),
            ("light", #"{"action":"set_brightness","brightness":100}"#),
            ("light", #"{"action":"set_brightness","brightness":33.3}"#),
            ("climate", #"{"action":"reboot"}"#),
            ("pir", #"{"action":"factory_reset"}"#),
            ("switch-pir", #"{"action":"ota_update","url":"http://s/f.bin","version":"0.1.33","firmware_id":"x"}"#),
            ("light", #"{"action":"wifi_update","ssid":"home","password":"geheim"}"#),
            (nil, #"{"action":"wifi_update","ssid":"home","password":""}"#),
            (nil, #"{"action":"dance","steps":[1,2]}"#),
            ("weather-station", #"{"action":"anything"}"#),
        ] as [(String?, String)]
    )
    func admitted(type: String?, command: String) throws {
        #expect(try self.refusal(of: command, forType: type) == nil)
    }

    @Test(
        "refuses what a type does not list, whatever it is",
        arguments: [
            ("climate", "toggle"), ("pir", "turn_on"), ("switch-pir", "dance"), ("light", "Toggle"),
            ("light", "toggle "), ("light", "set_colour"),
        ]
    )
    func unknownActions(type: String, action: String) throws {
        let refusal = try #require(try self.refusal(of: "{\"action\":\"\(action)\"}", forType: type))
        #expect(refusal.code == .unknownAction)
        #expect(refusal.code.rawValue == "command_unknown")
        #expect(refusal.field == "action")
        #expect(refusal.message.contains("“\(action)”") && refusal.message.contains("reboot, factory_reset"))
    }

    @Test(
        "refuses arguments that are missing, of another kind or out of range, and names them",
        arguments: [
            ("light", #"{"action":"set_brightness"}"#, "brightness", "is missing; wanted is a number from 0 to 100"),
            ("light", #"{"action":"set_brightness","brightness":null}"#, "brightness", "is missing"),
            ("light", #"{"action":"set_brightness","brightness":"75"}"#, "brightness", "is a string, not a number"),
            ("light", #"{"action":"set_brightness","brightness":true}"#, "brightness", "is a boolean, not a number"),
            ("light", #"{"action":"set_brightness","brightness":[75]}"#, "brightness", "is an array, not a number"),
            ("light", #"{"action":"set_brightness","brightness":-1}"#, "brightness", "is -1, below 0"),
            ("light", #"{"action":"set_brightness","brightness":-0.001}"#, "brightness", "below 0"),
            ("light", #"{"action":"set_brightness","brightness":101}"#, "brightness", "is 101, above 100"),
            ("light", #"{"action":"set_brightness","brightness":100.5}"#, "brightness", "is 100.5, above 100"),
            ("light", #"{"action":"set_brightness","brightness":1e300}"#, "brightness", "above 100"),
            ("light", #"{"action":"ota_update","version":"1","firmware_id":"x"}"#, "url", "is missing"),
            (nil, #"{"action":"ota_update","url":"u","firmware_id":"x"}"#, "version", "is missing"),
            (nil, #"{"action":"ota_update","url":"u","version":"1"}"#, "firmware_id", "is missing"),
            (
                nil, #"{"action":"ota_update","url":7,"version":"1","firmware_id":"x"}"#, "url",
                "is a number, not a string"
            ),
            ("pir", #"{"action":"wifi_update","password":"x"}"#, "ssid", "is missing"),
            ("pir", #"{"action":"wifi_update","ssid":"x"}"#, "password", "is missing"),
            (
                "pir", #"{"action":"wifi_update","ssid":"123456789012345678901234567890123","password":"x"}"#, "ssid",
                "is longer than 32 characters"
            ),
        ] as [(String?, String, String, String)]
    )
    func badArguments(type: String?, command: String, field: String, message: String) throws {
        let refusal = try #require(try self.refusal(of: command, forType: type))
        #expect(refusal.code == .invalidArgument)
        #expect(refusal.field == field)
        #expect(refusal.message.contains("“\(field)”") && refusal.message.contains(message))
        #expect(refusal.description == refusal.message)
    }

    @Test("never repeats a password in a refusal")
    func secrets() throws {
        let long = String(repeating: "geheim", count: 20)
        for value in ["\"\(long)\"", "[\"\(long)\"]", "{\"a\":\"\(long)\"}"] {
            let text = "{\"action\":\"wifi_update\",\"ssid\":\"x\",\"password\":\(value)}"
            let refusal = try #require(try self.refusal(of: text, forType: nil))
            #expect(refusal.field == "password")
            #expect(!"\(refusal)".contains("geheim"))
        }
    }

    @Test("checks the arguments of an operator's own type: optional, boolean, one-sided limits")
    func ownType() throws {
        let type = DeviceType(
            id: "valve", category: .actuator, periodic: false, capabilities: [],
            commands: [
                CommandDescription(
                    action: "open",
                    parameters: [
                        CommandParameter(name: "force", type: .boolean),
                        CommandParameter(name: "seconds", type: .number, minimum: 1, isRequired: false),
                        CommandParameter(name: "percent", type: .number, maximum: 100, isRequired: false),
                    ]
                )
            ],
            events: []
        )
        let registry = DeviceTypeRegistry([type])
        func field(_ body: JSONObject) throws -> String? {
            var body = body
            body["action"] = "open"
            let command = try DeviceCommand(id: .make(at: Timestamp(milliseconds: 0)), body: body)
            do throws(CommandRefusal) {
                try registry.validate(command, forType: "valve")
                return nil
            } catch {
                return error.field
            }
        }
        #expect(try field(["force": true]) == nil)
        #expect(try field(["force": false, "seconds": 1, "percent": -5]) == nil)
        #expect(try field(["force": true, "seconds": .null]) == nil)
        #expect(try field([:]) == "force")
        #expect(try field(["force": 1]) == "force")
        #expect(try field(["force": true, "seconds": 0]) == "seconds")
        #expect(try field(["force": true, "percent": 101]) == "percent")
    }
}
