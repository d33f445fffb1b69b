import StationCore
import Testing

@Suite("A command")
struct DeviceCommandTests {
    private let id = CommandID.make(at: Timestamp(milliseconds: 1_795_249_800_000))

    @Test(
        "carries its payload as the device will get it",
        arguments: ["a", String(repeating: "x", count: 64), "ünï", "😀"])
    func good(action: String) throws {
        let body: JSONObject = ["z": 1, "action": .string(action), "b": [true]]
        let command = try DeviceCommand(id: self.id, body: body)
        #expect(command.id == self.id)
        #expect(command.action == action)
        #expect(JSONValue.object(command.body).description == JSONValue.object(body).description)
    }

    @Test(
        "needs an action that is a string of 1–64 characters",
        arguments: [
            [:], ["action": .null], ["action": 7], ["action": true], ["action": ["toggle"]], ["action": ""],
            ["action": .string(String(repeating: "x", count: 65))], ["Action": "toggle"],
        ] as [JSONObject]
    )
    func badActions(body: JSONObject) {
        let refusal = #expect(throws: CommandRefusal.self) { try DeviceCommand(id: self.id, body: body) }
        #expect(refusal?.code == .invalidArgument)
        #expect(refusal?.field == "action")
        #expect(refusal?.message == "“action” must be a string of 1–64 characters.")
    }

    @Test("has room for 4096 bytes of JSON and not one more")
    func size() throws {
        let frame = #"{"action":"x","data":""}"#.utf8.count
        func body(_ size: Int) -> JSONObject {
            [
                "action": "x",
                "data": .string(
                    String(repeating: "é", count: (size - frame) / 2) + ((size - frame).isMultiple(of: 2) ? "" : "e")),
            ]
        }
        #expect(JSONValue.object(body(4096)).serialized().count == 4096)
        #expect(throws: Never.self) { try DeviceCommand(id: self.id, body: body(4096)) }
        let refusal = #expect(throws: CommandRefusal.self) { try DeviceCommand(id: self.id, body: body(4097)) }
        #expect(refusal?.message == "The command is 4097 bytes of JSON; at most 4096 reach a device.")
    }

    @Test("is shown without its secrets, wherever in it they are, and sent with them")
    func redaction() throws {
        let body: JSONObject = [
            "action": "wifi_update", "ssid": "home", "password": "geheim", "token": ["geheim"],
            "nested": ["secret": "geheim", "list": [["password": "geheim", "keep": 1]]],
        ]
        let command = try DeviceCommand(id: self.id, body: body)
        let shown = JSONValue.object(command.redactedBody).description
        #expect(!shown.contains("geheim"))
        #expect(command.redactedBody["password"] == "•••")
        #expect(command.redactedBody["ssid"] == "home")
        #expect(shown.contains(#""keep":1"#))
        #expect(command.redactedBody.members.map(\.key) == body.members.map(\.key))
        #expect(command.body["password"] == "geheim")
        let plain: JSONObject = ["action": "toggle", "x": [1, ["y": 2]]]
        #expect(try DeviceCommand(id: self.id, body: plain).redactedBody == plain)
    }
}
