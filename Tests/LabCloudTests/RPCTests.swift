import LabCloud
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("Calls and notifications at the lab cloud (contract 4)")
struct RPCTests {
    /// Runs a lab with one station that is let in.
    static func withStation(
        options: LabOptions = LabOptions(), _ body: (LabCloud, LabClient) async throws -> Void
    ) async throws {
        try await LabCloud.run(options: options) { lab in
            let token = try lab.admit("chip")
            try await LabClient.run(lab) { client in
                try await client.enter(token)
                try await body(lab, client)
            }
        }
    }

    /// A notification with an event id.
    static func alert(_ event: String) -> JSONValue {
        ["jsonrpc": "2.0", "method": "alert.opened", "params": ["eventId": .string(event), "alertId": 1]]
    }

    /// The event ids of all acknowledgements so far, in their order.
    static func acknowledged(_ client: LabClient) -> [String] {
        client.messages.filter { $0["method"] == "ack" }
            .flatMap { $0["params", "eventIds"]?.arrayValue ?? [] }.compactMap(\.stringValue)
    }

    @Test("A call brings back the result, or the error")
    func call() async throws {
        try await Self.withStation { lab, client in
            let snapshot = Task { try await lab.call("devices.snapshot") }
            try await client.answer("devices.snapshot", "result", ["devices": []])
            let result = try await snapshot.value
            #expect(result == .result(["devices": []]))
            let command = Task { try await lab.call("device.command", ["deviceId": 7], of: "chip") }
            try await client.answer("device.command", "error", ["code": -32001, "message": "no such device"])
            let error = try await command.value
            #expect(error == .error(code: -32001, message: "no such device"))
            let call = try await client.message("method", "device.command")
            #expect(call["jsonrpc"] == "2.0")
            #expect(call["params", "deviceId"] == 7)
        }
    }

    @Test("A call that is not answered in time, or whose station goes, ends all the same")
    func noAnswer() async throws {
        try await Self.withStation { lab, client in
            await #expect(throws: LabError.noAnswer(chipID: "chip", limit: .milliseconds(1))) {
                try await lab.call("sleep", within: .milliseconds(1))
            }
            let call = Task { try await lab.call("last", within: .seconds(600)) }
            try await client.message("method", "last")
            client.connection.close()
            await #expect(throws: LabError.noAnswer(chipID: "chip", limit: .seconds(600))) { try await call.value }
        }
    }

    @Test("Calls need a station that is there, and say which if there is more than one")
    func whom() async throws {
        try await LabCloud.run { lab in
            await #expect(throws: LabError.notOne(authenticated: 0)) { try await lab.call("x") }
            await #expect(throws: LabError.noStation(chipID: "chip")) { try await lab.call("x", of: "chip") }
            let tokens = [try lab.admit("a"), try lab.admit("b")]
            await #expect(throws: LabError.notConnected(chipID: "a")) { try await lab.send([:], to: "a") }
            try await LabClient.run(lab) { first in
                try await first.enter(tokens[0])
                try await LabClient.run(lab) { second in
                    try await second.enter(tokens[1])
                    await #expect(throws: LabError.notOne(authenticated: 2)) { try await lab.call("x") }
                    try await lab.send(["type": "station_renamed", "name": "Haus"], to: "b")
                    try await second.message("type", "station_renamed")
                    #expect(first.messages.count == 1)
                }
            }
        }
    }

    @Test("Event ids are acknowledged, those of one batch together, and repetitions are counted")
    func acknowledgement() async throws {
        try await Self.withStation { lab, client in
            try await client.send(Self.alert("e-1"))
            try await client.send([Self.alert("e-2"), Self.alert("e-3")])
            try await client.send(Self.alert("e-2"))
            try await eventually("all are acknowledged") { Self.acknowledged(client).count == 4 }
            #expect(Self.acknowledged(client) == ["e-1", "e-2", "e-3", "e-2"])
            #expect(client.messages.filter { $0["method"] == "ack" }.count == 3)
            let station = try lab.station("chip").unwrapped("chip")
            #expect(station.notifications == ["alert.opened": 4])
            #expect(station.duplicates == 1)
            #expect(station.acknowledged == 4)
            #expect(lab.messages(from: "chip").last == Self.alert("e-2"))
        }
    }

    @Test("A cloud that never acknowledges is one too")
    func neverAcknowledges() async throws {
        try await Self.withStation { lab, client in
            var habits = LabHabits()
            habits.acknowledges = false
            lab.behave(habits, towards: ["chip"])
            try await client.send(Self.alert("e-1"))
            try await client.send(["jsonrpc": "2.0", "id": 1, "method": "unknown"])
            try await eventually("the later one is answered") { client.messages.count == 2 }
            #expect(Self.acknowledged(client).isEmpty)
            #expect(lab.station("chip")?.notifications == ["alert.opened": 1, "unknown": 1])
        }
    }

    @Test("Stations may call: an invitation is taken, anything else unknown, and before the token nothing counts")
    func stationCalls() async throws {
        try await Self.withStation { _, client in
            try await client.send(["id": "i", "method": "station.invite", "params": ["email": "a@example.com"]])
            try await client.send(["id": 2, "method": "unknown"])
            try await eventually("both are answered") { client.messages.count == 3 }
            #expect(client.messages[1]["result"] == ["ok": true])
            #expect(client.messages[1]["id"] == "i")
            #expect(client.messages[2]["error", "code"] == -32601)
        }
        try await LabCloud.run { lab in
            try await LabClient.run(lab) { client in
                try await client.send(Self.alert("early"))
                try await client.send(["id": 1, "method": "station.invite"])
                try await eventually("it is answered") { !client.messages.isEmpty }
                #expect(client.messages[0]["error", "code"] == -32000)
                #expect(lab.stations.isEmpty)
            }
        }
    }

    @Test("What is no JSON is answered as such")
    func nonsense() async throws {
        try await Self.withStation { lab, client in
            try await client.connection.send("{no json")
            try await client.send([1])
            try await eventually("both are answered") { client.messages.count == 3 }
            #expect(client.messages[1]["error", "code"] == -32700)
            #expect(client.messages[2]["error", "code"] == -32600)
        }
    }

    @Test("The errors of a station are counted")
    func errors() async throws {
        try await Self.withStation { lab, client in
            try await lab.send(["type": "identity_sync", "members": []])
            try await client.message("type", "identity_sync")
            try await client.send(["type": "error", "message": "empty", "inReplyTo": "identity_sync"])
            try await eventually("it is counted") { lab.station("chip")?.errors == 1 }
        }
    }
}
