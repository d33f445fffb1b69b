import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("The daemon when something is away")
struct OutageTests {
    @Test("with the store unreadable no handshake gets any answer, health says 503, and both recover")
    func store() async throws {
        try await AgentProcess.run { agent in
            let id = try await agent.addDevice("known")
            let (known, stranger) = (try await agent.play("known"), try await agent.play("stranger"))
            let (added, marker) = (try await agent.play("added"), try await agent.play("marker"))
            try await known.shakeHands()
            // The daemon need not have noticed this one.
            try await agent.addDevice("added")
            try await agent.store.run("ALTER TABLE devices RENAME TO devices_x")
            try await eventually("health says 503") { try await agent.health().status == 503 }
            #expect(try await agent.health().checks?["store", "status"] == "failed")

            let before = try await agent.receivedMessages()
            try await known.say("handshake", PlayedDevice.handshake)
            try await added.say("handshake", PlayedDevice.handshake)
            try await stranger.say("handshake", PlayedDevice.handshake)
            try await eventually("the handshakes are taken up") { try await agent.receivedMessages() >= before + 3 }
            // Messages are taken up one batch after the other: when this one is counted, the handshakes are done with.
            try await marker.say("heartbeat", "{}")
            try await eventually("the marker is taken up") { try await agent.receivedMessages() >= before + 4 }
            #expect(try await agent.health().status == 503)

            try await agent.store.run("ALTER TABLE devices_x RENAME TO devices")
            try await eventually("health says 200 again") { try await agent.health().status == 200 }
            #expect(try await known.shakeHands() == #"{"status":"ok"}"#)
            #expect(try await stranger.shakeHands() == #"{"status":"unknown_device"}"#)
            #expect(try await added.shakeHands() == #"{"status":"ok"}"#)
            #expect(known.answers.count == 2, "one from before and one from after")
            #expect(stranger.answers.count == 1)
            #expect(added.answers.count == 1)
            #expect(try await agent.device(id)["status"] == "online")
        }
    }

    @Test("with the broker away a command is refused at once and never delivered, and all goes on when it is back")
    func broker() async throws {
        try await AgentProcess.run { agent in
            let id = try await agent.addDevice("lamp", type: "light")
            try await agent.play("lamp").shakeHands(#"{"type":"light"}"#)

            await agent.broker.stop()
            try await agent.waitForHealth("degraded")
            let health = try await agent.health()
            #expect(health.status == 200)
            #expect(health.checks?["mqtt", "status"] == "degraded")
            let refused = try await agent.send(["action": "turn_on"], to: id)
            #expect(refused.status == 503)
            #expect(try refused.errorCode == "broker_unavailable")

            // The device listens before the agent can be back: it would hear a command that comes late.
            agent.signal(SIGSTOP)
            try await agent.broker.start()
            let lamp = try await agent.play("lamp")
            agent.signal(SIGCONT)
            try await agent.waitForHealth("ok")
            try await lamp.say("state", #"{"state":{"on":true,"brightness":40}}"#)
            try await eventually("its next message is processed") { try await agent.state(of: id, "brightness") == 40 }
            #expect(try await agent.send(["action": "turn_off"], to: id).status == 202)
            try await eventually("a command arrives") { try !lamp.commands.isEmpty }
            #expect(try lamp.commands.first == ["action": "turn_off"])
            #expect(try await agent.feed(of: id, "command_sent").map { $0["command"] } == [["action": "turn_off"]])
        }
    }
}
