import Accounts
import StationCore
import StationData
import StationSocket
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("The live view")
struct LiveTests {
    // MARK: Who may listen

    @Test(
        "A token as Bearer, in the address or in the first message opens a session",
        arguments: ["bearer", "query", "message"])
    func authentication(way: String) async throws {
        try await LocalAPIFixture.run { station in
            let token = station.owner.accessToken
            let path = way == "query" ? "/ws?token=\(token.revealed)" : "/ws"
            try await LiveProbe.run(port: station.port, path: path, token: way == "bearer" ? token : nil) { client in
                if way == "message" { try await client.send(["type": "auth", "token": .string(token.revealed)]) }
                let hello = try await client.message("hello")
                #expect(hello["stationId"] == "station-1")
                #expect(hello["version"] == "1.2.3")
                #expect(hello["user", "email"] == .string(LocalAPIFixture.ownerEmail))
            }
            #expect(!station.log.text.contains(token.revealed))
        }
    }

    @Test("A bad token is closed with 1008, however it is shown", arguments: ["bearer", "query", "message", "agent"])
    func badToken(way: String) async throws {
        try await LocalAPIFixture.run { station in
            let path = way == "query" ? "/ws?token=wrong" : "/ws"
            let bearer: Secret? = way == "bearer" ? Secret("wrong") : way == "agent" ? LocalAPIFixture.token : nil
            try await LiveProbe.run(port: station.port, path: path, token: bearer) { client in
                if way == "message" { try await client.send(["type": "auth", "token": "wrong"]) }
                #expect(try await client.closed() == 1008)
                #expect(client.messages.isEmpty)
            }
        }
    }

    @Test("Whoever says something else first is closed with 1008")
    func wrongFirstMessage() async throws {
        try await LocalAPIFixture.run { station in
            for first in [#"{"type":"ping"}"#, #"{"type":"subscribe"}"#, "{}", "x", "[]", #"{"type":"auth"}"#] {
                try await LiveProbe.run(port: station.port) { client in
                    try await client.send(first)
                    #expect(try await client.closed() == 1008, "\(first)")
                }
            }
        }
    }

    @Test("A page of another origin is refused before the WebSocket opens, one of the station's own is not")
    func origin() async throws {
        try await LocalAPIFixture.run { station in
            let token = station.owner.accessToken
            let foreign = try LiveProbe(port: station.port, token: token, fields: [("Origin", "https://evil.example")])
            guard case .refused(let status, _)? = await foreign.refusal() else {
                Issue.record("it was opened")
                return
            }
            #expect(status == 403)
            let own = [("Origin", "http://127.0.0.1:\(station.port)")]
            try await LiveProbe.run(port: station.port, token: token, fields: own) { try await $0.message("hello") }
        }
    }

    @Test("What is no opening handshake is told what is missing, and the connection closed")
    func refusals() async throws {
        try await LocalAPIFixture.run { station in
            let plain = try await station.api.get("/ws")
            try expectError(plain, 426, "not_a_websocket")
            #expect(plain["Upgrade"] == "websocket")
            let upgrade = ["Upgrade": "websocket", "Connection": "Upgrade"]
            let key = ["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="]
            for (fields, status) in [
                (upgrade, 426), (upgrade.merging(key) { $1 }, 426),
                (upgrade.merging(["Sec-WebSocket-Version": "13"]) { $1 }, 400),
                (upgrade.merging(key) { $1 }.merging(["Sec-WebSocket-Version": "8"]) { $1 }, 426),
                (upgrade.merging(["Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "short"]) { $1 }, 400),
            ] {
                try expectError(try await station.api.get("/ws", headers: fields), status, "not_a_websocket")
            }
            // Whatever asks for another protocol is answered as if it had not.
            try expectError(
                try await station.api.get("/ws", headers: ["Upgrade": "h2c", "Connection": "Upgrade"]), 426,
                "not_a_websocket"
            )
            expectStatus(
                try await station.api.get("/api/devices", headers: ["Upgrade": "h2c", "Connection": "Upgrade"]), 200
            )
        }
    }

    @Test("Who has shown a token in the request may speak at once", arguments: ["bearer", "query"])
    func speaksAtOnce(way: String) async throws {
        try await LocalAPIFixture.run { station in
            let token = station.owner.accessToken
            let path = way == "query" ? "/ws?token=\(token.revealed)" : "/ws"
            for _ in 0..<20 {
                try await LiveProbe.run(port: station.port, path: path, token: way == "bearer" ? token : nil) {
                    client in
                    try await client.send(["type": "ping"])
                    try await client.message("pong")
                }
            }
        }
    }

    @Test("A WebSocket is not idle: it outlives what an HTTP connection may be silent")
    func outlivesIdleTime() async throws {
        var limits = LocalAPILimits()
        limits.idleTime = .seconds(3)
        try await LocalAPIFixture.run(limits: limits) { station in
            try await LiveProbe.run(port: station.port, token: station.owner.accessToken) { client in
                try await client.message("hello")
                try await RawConnection.run(port: station.port) { idle in
                    idle.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    expectStatus(try await idle.answer(), 200)
                    try await idle.closed()
                }
                try await client.send(["type": "ping"])
                try await client.message("pong")
            }
        }
    }

    @Test("A WebSocket also opens on a connection that has served ordinary requests")
    func laterOnAConnection() async throws {
        try await LocalAPIFixture.run { station in
            try await RawConnection.run(port: station.port) { connection in
                connection.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                expectStatus(try await connection.answer(), 200)
                connection.send(
                    "GET /ws HTTP/1.1\r\nHost: localhost\r\n\(station.bearer)Upgrade: websocket\r\n"
                        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                )
                try await eventually("the first frame has come") {
                    let text = String(decoding: connection.received, as: UTF8.self)
                    return text.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") && text.contains("hello")
                }
            }
        }
    }

    // MARK: What is told

    @Test("State, status, events, commands and life-cycle of a device arrive as they happen")
    func news() async throws {
        try await LocalAPIFixture.run { station in
            try await LiveProbe.run(port: station.port, token: station.owner.accessToken) { client in
                try await client.message("hello")
                try await client.message("mqtt_status")
                let lamp = try await station.addDevice("Lamp", type: "light", reporting: ["on": false])
                let id = JSONValue.string(lamp.id.description)
                #expect(try await client.message("device_created")["deviceId"] == id)
                #expect(try await client.message("device_status")["status"] == "online")
                let state = try await client.message("device_state")
                #expect(state["deviceId"] == id && state["state", "on"] == false)
                #expect(state["timestamp"]?.stringValue.flatMap { Timestamp(iso8601: $0) } != nil)

                await station.report(["on": true], from: lamp)
                let transition = try await client.message("device_transition")
                #expect(transition["key"] == "on" && transition["oldValue"] == false && transition["newValue"] == true)

                let path = "/api/devices/\(lamp.id)"
                _ = try await station.api.post("\(path)/command", json: ["action": "turn_off"])
                #expect(try await client.message("device_command")["command", "action"] == "turn_off")
                _ = try await station.api.patch(path, json: ["name": "Other"])
                try await client.message("device_updated")
                _ = try await station.api.delete(path)
                #expect(try await client.message("device_deleted")["deviceId"] == id)
            }
        }
    }

    @Test("A client gets only what it asked for")
    func subscription() async throws {
        try await LocalAPIFixture.run { station in
            let wanted = try await station.addDevice("Wanted", type: "light")
            let other = try await station.addDevice("Other", type: "light")
            try await LiveProbe.run(port: station.port, token: station.owner.accessToken) { client in
                try await client.message("hello")
                try await client.send([
                    "type": "subscribe", "topics": ["device_state"],
                    "deviceIds": [.string(wanted.id.description)],
                ])
                try await client.send(["type": "ping"])
                try await client.message("pong")
                await station.report(["on": true], from: other)
                await station.report(["on": true], from: wanted)
                await station.report(["on": false], from: wanted)
                try await client.message("device_state") { $0["state", "on"] == false }
                let devices = Set(client.messages.compactMap { $0["deviceId"]?.stringValue })
                #expect(devices == [wanted.id.description])
                let types = Set(client.messages.compactMap { $0["type"]?.stringValue })
                #expect(types.isDisjoint(with: ["device_transition", "device_status"]))
            }
        }
    }

    @Test("A stranger to a place hears nothing of it; a member does, and no more once removed")
    func places() async throws {
        try await LocalAPIFixture.run { station in
            let guest = try await station.addUser("guest@example.com", role: .member, isStationMember: false)
            let place = try await station.hub.addPlace(name: "Flat", owner: station.owner.user.id)
            let (device, _) = try await station.hub.addDevice(NewDevice(name: "Sensor", placeID: place.id))
            try await LiveProbe.run(port: station.port, token: guest.accessToken) { client in
                try await client.message("hello")
                await station.report(["n": 1], from: device)
                try await station.hub.addMember(
                    email: "guest@example.com", role: .viewer, to: place.id, by: .owner
                )
                try await client.message("resync_required")
                await station.report(["n": 2], from: device)
                try await client.message("device_state") { $0["state", "n"] == 2 }
                #expect(!client.messages.contains { $0["state", "n"] == 1 })

                try await station.hub.removeMember(guest.user.id, from: place.id, by: station.owner.user.id, as: .owner)
                await station.report(["n": 3], from: device)
                try await eventually("the client was told to read again") {
                    client.messages.count { $0["type"] == "resync_required" } == 2
                }
                // Of what comes after that, the broker's news are for everybody.
                station.health.report(.mqtt, .ok, "here")
                try await client.message("mqtt_status") { $0["detail"] == "here" }
                #expect(!client.messages.contains { $0["state", "n"] == 3 })
            }
        }
    }

    // MARK: How it ends

    @Test("A removed user's WebSocket closes at once with 4401")
    func removal() async throws {
        try await LocalAPIFixture.run { station in
            let guest = try await station.addUser("guest@example.com", role: .member)
            try await LiveProbe.run(port: station.port, token: guest.accessToken) { client in
                try await client.message("hello")
                expectStatus(try await station.api.delete("/api/users/\(guest.user.id)"), 204)
                #expect(try await client.closed() == 4401)
            }
        }
    }

    @Test("Signing out closes the WebSocket of that session, and of no other")
    func signOut() async throws {
        try await LocalAPIFixture.run { station in
            let one = try await station.addUser("guest@example.com", role: .member)
            let other = try await station.signIn("guest@example.com")
            try await LiveProbe.run(port: station.port, token: other.accessToken) { stays in
                try await stays.message("hello")
                try await LiveProbe.run(port: station.port, token: one.accessToken) { goes in
                    try await goes.message("hello")
                    try await station.accounts.signOut(try #require(one.refreshToken))
                    #expect(try await goes.closed() == 4401)
                }
                try await stays.send(["type": "ping"])
                try await stays.message("pong")
            }
        }
    }

    @Test("Ten messages in a row that mean nothing close it with 1008; a good one in between is a new beginning")
    func nonsense() async throws {
        try await LocalAPIFixture.run { station in
            let nonsense: [String] = [
                "", "x", "[]", "{}", #"{"type":"nothing"}"#, #"{"type":"subscribe","topics":["everything"]}"#,
                #"{"type":"subscribe","deviceIds":["x"]}"#, #"{"type":1}"#, #"{"type":"auth"}"#,
            ]
            try await LiveProbe.run(port: station.port, token: station.owner.accessToken) { client in
                try await client.message("hello")
                for text in nonsense { try await client.send(text) }
                try await client.send(["type": "ping"])
                try await client.message("pong")
                #expect(client.messages.count { $0["type"] == "error" } == nonsense.count)
                for text in nonsense { try await client.send(text) }
                try await client.send("the tenth")
                #expect(try await client.closed() == 1008)
            }
        }
    }

    @Test("A stop of the station says good-bye with 1001")
    func stop() async throws {
        let parts = try await LocalAPIParts.make()
        let running = Task { try await parts.server.run() }
        let port = try await parts.server.boundPort
        let owner = try await parts.signInOwner()
        try await LiveProbe.run(port: port, token: owner.accessToken) { client in
            try await client.message("hello")
            await parts.server.stop()
            #expect(try await client.closed() == 1001)
        }
        try await end(of: running)
    }

    @Test("The view for provisioning says that there is no Bluetooth")
    func provisioning() async throws {
        try await LocalAPIFixture.run { station in
            let token = station.owner.accessToken
            try await LiveProbe.run(port: station.port, path: "/ws/provisioning", token: token) { client in
                let news = try await client.message("provisioning_adapter")
                #expect(news["state"] == "no_bluetoothd")
            }
            try await LiveProbe.run(port: station.port, token: token) { client in
                try await client.message("hello")
                try await client.send(["type": "provisioning_start"])
                #expect(try await client.message("provisioning_adapter")["state"] == "no_bluetoothd")
            }
        }
    }
}
