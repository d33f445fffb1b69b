import StationCore
import StationData
import StationTestSupport
import Testing

@testable import CloudLink

@Suite("What the cloud is told")
struct FeedTests {
    // MARK: States

    @Test("The state of every device is told when the link is there, and each change after it")
    func states() async throws {
        try await CloudBench.run { bench in
            let lamp = try await bench.add("Lamp")
            _ = try await bench.add("Never heard")
            await bench.hear(["on": true], from: lamp)
            let first = try #require(try await bench.notes(1, of: "device.stateChanged").first)
            #expect(
                first
                    == [
                        "jsonrpc": "2.0", "method": "device.stateChanged",
                        "params": [
                            "deviceId": .string("\(lamp.id)"), "state": ["on": true],
                            "timestamp": JSONValue(bench.clock.wallTime),
                        ],
                    ]
            )
            try await bench.reconnect {
                for level in Int64(0)..<100 { await bench.hear(["level": .integer(level)], from: lamp) }
            }
            let again = try await bench.notes(1, of: "device.stateChanged")
            #expect(again.map { $0["params", "state"] } == [["on": true, "level": 99]])
        }
    }

    @Test("While nobody reads, of each device the newest state waits, and nothing else grows")
    func slowCloud() async throws {
        var buffer = FeedBuffer()
        let devices = (0..<50).map { _ in DeviceID.make(at: ManualClock.usualWallTime) }
        for round in 0..<1000 {
            for device in devices { buffer.noteState(of: device, at: Timestamp(milliseconds: Int64(round))) }
        }
        let first = buffer.take(upTo: 30)
        #expect(first.states.map(\.device) == Array(devices.prefix(30)))
        #expect(first.states.allSatisfy { $0.time.milliseconds == 999 })
        buffer.noteState(of: devices[0], at: Timestamp(milliseconds: 5))
        #expect(buffer.take(upTo: 30).states.map(\.device) == Array(devices.suffix(20)) + [devices[0]])
        #expect(buffer.take(upTo: 30).isEmpty)
    }

    @Test("Of events and commands the newest 256 wait; what is lost is counted")
    func slowEvents() throws {
        var buffer = FeedBuffer()
        let device = DeviceID.make(at: ManualClock.usualWallTime)
        for number in 0..<300 {
            let event = StationEvent.deviceCommand(
                device, command: ["n": .integer(Int64(number))], at: ManualClock.usualWallTime)
            buffer.append(try #require(CloudNotification(event, device: nil, at: ManualClock.usualWallTime)))
        }
        #expect(buffer.lostNotes == 44)
        let notes = buffer.take(upTo: 500).notes
        #expect(notes.map { $0.params["command"]?["n"] } == (44..<300).map { .integer($0) })
    }

    // MARK: Channels

    @Test("Of a channel that nobody wants nothing is told, and of one that is wanted everything from then on")
    func channels() async throws {
        try await CloudBench.run { bench in
            let lamp = try await bench.add("Lamp", type: "light")
            // What has been told already waits for its acknowledgement, whatever is wanted later.
            _ = try await bench.notes(1, of: "device.created")
            _ = try await bench.call("station.setActiveChannels", ["channels": ["event", "command"]])
            await bench.hear(["on": true], from: lamp)
            try await bench.rename(lamp, "Other")
            await CloudBench.hear(.event(.userEvent, data: ["n": 1]), from: lamp, by: bench.hub)
            let event = try #require(try await bench.notes(1, of: "device.eventReceived").first)
            #expect(event["params", "event"] == "user_event" && event["params", "data"] == ["n": 1])
            _ = try await bench.call(
                "device.command", ["deviceId": .string("\(lamp.id)"), "command": ["action": "turn_on"]])
            let command = try #require(try await bench.notes(1, of: "device.commandSent").first)
            #expect(command["params", "command"] == ["action": "turn_on"])
            #expect(try await bench.notes("device.stateChanged", "device.updated", "device.statusChanged") == [])
            #expect(bench.hub.outboxDepth == 1)

            // Now states are wanted: first of all how they are.
            _ = try await bench.call("station.setActiveChannels", ["channels": ["state"]])
            #expect(try await bench.notes(1, of: "device.stateChanged").count == 1)
        }
    }

    @Test("What waits of a channel that is no longer wanted is not told")
    func channelGone() async throws {
        try await CloudBench.run { bench in
            try await bench.reconnect {
                _ = try await bench.add("Lamp")
                try await bench.hub.setCloudChannels([.alert])
            }
            try await eventually("it is forgotten") { bench.hub.outboxDepth == 0 }
            #expect(try await bench.notes() == [])
        }
    }

    // MARK: The outbox

    @Test("What happened while the link was away is told in its order, each with its own id")
    func order() async throws {
        try await CloudBench.run { bench in
            try await bench.reconnect {
                let lamp = try await bench.add("Lamp")
                await bench.hear(["on": true], from: lamp)
                try await bench.rename(lamp, "Other")
                try await bench.hub.removeDevice(lamp.id)
            }
            _ = try await bench.notes(1, of: "device.deleted")
            let notes = try await bench.notes()
            #expect(
                notes.map { $0["method"] }
                    == ["device.created", "device.statusChanged", "device.updated", "device.deleted"]
            )
            #expect(notes[2]["params", "device", "name"] == "Other")
            #expect(Set(notes.compactMap { $0["params", "eventId"]?.stringValue }).count == 4)
        }
    }

    @Test("is told again on the next link until the cloud acknowledges it, with the same id")
    func acknowledgement() async throws {
        try await CloudBench.run { bench in
            _ = try await bench.add("Lamp")
            let first = try await bench.notes(1, of: "device.created")
            try await bench.reconnect()
            let again = try await bench.notes(1, of: "device.created")
            #expect(again == first)
            #expect(bench.session.value.oldestUnacknowledgedAge == .zero)
            bench.clock.advance(by: .seconds(61))
            #expect(bench.session.value.oldestUnacknowledgedAge == .seconds(61))
            await bench.acknowledge(again)
            try await eventually("it is done with") { bench.hub.outboxDepth == 0 }
            #expect(bench.session.value.oldestUnacknowledgedAge == nil)
            try await bench.reconnect()
            #expect(try await bench.notes("device.created") == [])
        }
    }

    @Test("With a cloud that never acknowledges, it is done with when a later ping was answered")
    func pings() async throws {
        try await CloudBench.run { bench in
            _ = try await bench.add("First")
            _ = try await bench.notes(1, of: "device.created")
            bench.session.value.pingSent(1)
            _ = try await bench.add("Second")
            _ = try await bench.notes(2, of: "device.created")
            bench.session.value.pongReceived(1)
            try await eventually("the first is done with") { bench.hub.outboxDepth == 1 }
            bench.session.value.pongReceived(1)
            bench.ping(2)
            try await eventually("the second too") { bench.hub.outboxDepth == 0 }
            #expect(bench.session.value.oldestUnacknowledgedAge == nil)
        }
    }

    @Test("With a cloud that has ever acknowledged anything, an answered ping says nothing")
    func pingsOfAcknowledging() async throws {
        try await CloudBench.run { bench in
            _ = try await bench.add("First")
            await bench.acknowledge(try await bench.notes(1, of: "device.created"))
            try await eventually("it is done with") { bench.hub.outboxDepth == 0 }
            try await bench.reconnect()
            _ = try await bench.add("Second")
            _ = try await bench.notes(1, of: "device.created")
            bench.ping(1)
            bench.ping(2)
            bench.clock.advance(by: .seconds(70))
            _ = try await bench.call("devices.snapshot", nil)
            #expect(bench.hub.outboxDepth == 1)
            #expect(bench.session.value.oldestUnacknowledgedAge == .seconds(70))
        }
    }

    @Test("A thousand rows go out on one link, and a thousand acknowledgements in a row are all heard")
    func many() async throws {
        try await CloudBench.run { bench in
            try await bench.reconnect {
                _ = try await bench.hub.addDevices((0..<1000).map { NewDevice(name: "Device \($0)") })
            }
            let notes = try await bench.notes(1000, of: "device.created")
            let names = notes.map { $0["params", "device", "name"]?.stringValue }
            #expect(names == (0..<1000).map { "Device \($0)" })
            for note in notes { await bench.acknowledge([note]) }
            try await eventually("all are done with") { bench.hub.outboxDepth == 0 }
        }
    }

    @Test("A request waits for the cloud and for its answer")
    func request() async throws {
        try await CloudBench.run { bench in
            try await bench.hub.askCloud("station.invite", ["email": "a@b.c"])
            let request = try #require(try await bench.notes(1, of: "station.invite").first)
            #expect(request["params"] == ["email": "a@b.c"])
            bench.ping(1)
            #expect(bench.hub.outboxDepth == 1)
            try await bench.reconnect()
            let again = try #require(try await bench.notes(1, of: "station.invite").first)
            #expect(again == request)
            await bench.say(["id": request["id"] ?? .null, "error": ["code": 1, "message": "no"]])
            try await eventually("it is done with") { bench.hub.outboxDepth == 0 }
        }
    }

    // MARK: The session

    @Test("Messages about identity are taken in their order; a refusal is sent")
    func identity() async throws {
        try await CloudBench.run { bench in
            await bench.say(["type": "station_renamed", "name": "A"])
            bench.identity.reply.withLock { $0 = .refusal(["type": "error", "message": "no"]) }
            await bench.say(["type": "station_renamed", "name": "B"])
            #expect(bench.identity.taken.value.map { $0["name"] } == ["A", "B"])
            try await eventually("it is refused") { bench.sent.value.contains(["type": "error", "message": "no"]) }
        }
    }

    @Test("A reset is acknowledged before it is done")
    func reset() async throws {
        try await CloudBench.run { bench in
            bench.identity.reply.withLock { $0 = .reset(acknowledgement: ["type": "station_reset_ack"]) }
            await bench.say(["type": "station_reset"])
            #expect(bench.identity.resets.value == 1)
            #expect(bench.sent.value.contains(["type": "station_reset_ack"]))
        }
    }

    @Test("An answer to nothing is counted and dropped")
    func strayAnswer() async throws {
        try await CloudBench.run { bench in
            await bench.say(["id": 5, "result": 1])
            await bench.say(["id": "019f0000-0000-7000-8000-000000000000", "result": 1])
            #expect(bench.metrics.value(of: .cloudDrops, "unknown_reply") == 2)
            #expect(bench.sent.value.allSatisfy { $0["error"] == nil })
        }
    }

    @Test("A wrong acknowledgement is refused when it asks, and changes nothing")
    func wrongAcknowledgement() async throws {
        try await CloudBench.run { bench in
            _ = try await bench.add("Lamp")
            _ = try await bench.notes(1, of: "device.created")
            for params in [["eventIds": "x"], ["eventIds": [1]], [:], ["x"]] as [JSONValue] {
                let answer = try await bench.call("ack", params)
                #expect(answer["error", "code"] == -32602)
            }
            let answer = try await bench.call("ack", ["eventIds": ["unknown"]])
            #expect(answer["result"] == ["ok": true])
            #expect(bench.hub.outboxDepth == 1)
            #expect(!bench.hub.cloudAcknowledges)
        }
    }
}
