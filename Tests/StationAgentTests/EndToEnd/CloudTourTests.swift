import LabCloud
import StationCore
import StationTestSupport
import Testing

@Suite("A station and its cloud, as docs/cloud.md tells it", .serialized, .timeLimit(.minutes(5)))
struct CloudTourTests {
    private static let usualChannels: JSONValue = ["alert", "device", "state", "status"]

    // MARK: Claiming

    @Test("Fresh from the factory it shows its code, is claimed by that, and after a restart is known without a claim")
    func claim() async throws {
        try await CloudScene.run { try await Self.claim($0) }
    }

    private static func claim(_ scene: CloudScene) async throws {
        let agent = scene.agent
        let offer = try await agent.get("/api/cloud/claim")
        let secret = try #require(offer["claimSecret"]?.stringValue)
        #expect(scene.chipID.utf8.count == 32)
        #expect(secret.utf8.count == 43, "256 bits in base64url")
        #expect(offer["qr"]?.stringValue?.hasPrefix("<svg") == true)
        try await self.expectClaimPage(of: agent, unclaimed: true)
        var status = try await scene.status()
        #expect(status["state"] == "waiting")
        #expect(status["claimed"] == false)
        #expect(status["claimedAt"] == .null)
        #expect(status["host"] == .string("127.0.0.1:\(scene.lab.port)"))
        #expect(status["activeChannels"] == self.usualChannels)

        try await scene.wait(for: LabStation.Presence.waiting)
        let (lab, chipID) = (scene.lab, scene.chipID)
        await #expect(throws: LabError.wrongSecret(chipID: chipID)) {
            try await lab.claim(chipID, secret: Secret("wrong"))
        }
        try await scene.claim()
        status = try await scene.status()
        #expect(status["claimed"] == true)
        #expect(status["claimedAt"]?.stringValue != nil)
        #expect(status["connectedSince"]?.stringValue != nil)
        #expect(status["reconnectAt"] == .null)
        let check = try await agent.health().checks?["cloud"]
        #expect(check?["status"] == "ok")
        try await self.expectClaimPage(of: agent, unclaimed: false)

        let exitCode = try await agent.stop()
        #expect(exitCode == 0)
        try await scene.wait(for: LabStation.Presence.absent)
        try await agent.start()
        try await scene.wait(for: "authenticated")
        let known = try scene.known
        #expect(known.handshakes == 1)
        #expect(known.authentications == 2)
        let shown = try JSONValue.parse(try await agent.successfully("cloud", "status", "--json"))
        #expect(shown["claimed"] == true)
        #expect(shown["chipId"] == .string(chipID))
    }

    /// Whoever stands before an unclaimed station may see its code; of a claimed one nobody does.
    private static func expectClaimPage(of agent: AgentProcess, unclaimed isUnclaimed: Bool) async throws {
        let stranger = HTTPProbe(port: agent.port)
        let atTheStation = try await stranger.get("/api/cloud/claim")
        #expect(atTheStation.status == (isUnclaimed ? 200 : 401))
        let throughProxy = try await stranger.get("/api/cloud/claim", headers: ["X-Forwarded-For": "192.0.2.1"])
        #expect(throughProxy.status == 401)
        let image = try await agent.api.get("/api/cloud/claim.svg")
        #expect(image.status == (isUnclaimed ? 200 : 409))
        if isUnclaimed {
            #expect(image["Content-Type"] == "image/svg+xml")
        } else {
            let code = try image.errorCode
            #expect(code == "cloud_claimed")
        }
    }

    // MARK: Devices

    @Test("A command of the cloud reaches the device over MQTT, its state goes back, and all devices can be asked for")
    func devices() async throws {
        try await CloudScene.run { try await Self.devices($0) }
    }

    private static func devices(_ scene: CloudScene) async throws {
        let agent = scene.agent
        try await scene.claim()
        let id = try await agent.addDevice("lamp", type: "light")
        let lamp = try await agent.play("lamp")
        try await lamp.shakeHands(#"{"type":"light"}"#)
        let command: JSONValue = ["action": "set_brightness", "brightness": 75]
        let result = try await scene.call("device.command", ["deviceId": .string(id), "command": command])
        #expect(result == ["status": "ok"])
        try await eventually("the lamp hears it") { try lamp.commands == [command] }

        try await lamp.report("brightness", 75)
        try await eventually("the cloud is told of the state") {
            scene.last("device.stateChanged")?["state"] == ["brightness": 75]
        }
        let change = scene.last("device.stateChanged")
        #expect(change?["deviceId"] == .string(id))
        #expect(change?["timestamp"]?.stringValue != nil)
        try await eventually("the cloud is told that it is online") {
            scene.last("device.statusChanged")?["status"] == "online"
        }

        let devices = try await scene.call("devices.snapshot")["devices"]
        let shown = try await agent.get("/api/devices")
        #expect(devices == shown)
        #expect(devices?.arrayValue?.first?["lastKnownState"] == ["brightness": 75])
        let types = try await scene.call("device_types.list")["deviceTypes"]?.arrayValue ?? []
        #expect(types.count > 1)

        let unknown = try await scene.lab.call("device.command", ["deviceId": "nobody", "command": command])
        #expect(unknown.code == -32001)
        let wrong = try await scene.lab.call(
            "device.command", ["deviceId": .string(id), "command": ["action": "explode"]])
        #expect(wrong.code == -32602)
        #expect(try lamp.commands == [command])
    }

    @Test("The channels that the cloud has chosen hold over a restart of the agent")
    func channels() async throws {
        try await CloudScene.run { try await Self.channels($0) }
    }

    private static func channels(_ scene: CloudScene) async throws {
        let agent = scene.agent
        try await scene.claim()
        let chosen = try await scene.call("station.setActiveChannels", ["channels": ["command", "alert"]])
        #expect(chosen == ["ok": true])
        let unknown = try await scene.lab.call("station.setActiveChannels", ["channels": ["gossip"]])
        #expect(unknown.code == -32602)
        try await agent.stop()
        try await agent.start()
        try await scene.wait(for: "authenticated")
        let active = try await scene.status()["activeChannels"]
        #expect(active == ["alert", "command"])

        let id = try await agent.addDevice("lamp", type: "light")
        let lamp = try await agent.play("lamp")
        try await lamp.shakeHands(#"{"type":"light"}"#)
        try await lamp.report("brightness", 10)
        try await eventually("the station has the state") { try await agent.state(of: id, "brightness") == 10 }
        let sent = try await agent.send(["action": "turn_off"], to: id)
        #expect(sent.status == 202)
        try await eventually("the cloud is told of the command") {
            scene.last("device.commandSent")?["command"] == ["action": "turn_off"]
        }
        let unwanted = scene.told(["device.stateChanged", "device.statusChanged", "device.updated"])
        #expect(unwanted.isEmpty)
    }

    // MARK: Ends of the claim

    @Test("One refusal of the token unclaims nobody")
    func refusedOnce() async throws {
        try await CloudScene.run { try await Self.refusedOnce($0) }
    }

    private static func refusedOnce(_ scene: CloudScene) async throws {
        try await scene.claim()
        var sick = LabHabits()
        sick.tokenAnswer = "auth_failed"
        scene.lab.behave(sick)
        await scene.lab.strike(.drop)
        try await eventually("the token is refused") { try scene.known.refusals > 0 }
        scene.lab.behave(LabHabits())
        try await eventually("the station is let in again") { try scene.known.authentications == 2 }
        try await scene.wait(for: "authenticated")
        let status = try await scene.status()
        #expect(status["claimed"] == true)
        #expect(status["lastError"] == "the cloud does not accept the station's token")
        #expect(try scene.known.handshakes == 1)
    }

    @Test("Unclaimed through the API, and by the command line beside the daemon: at once it waits with a new secret")
    func unclaim() async throws {
        try await CloudScene.run { try await Self.unclaim($0) }
    }

    private static func unclaim(_ scene: CloudScene) async throws {
        let agent = scene.agent
        let id = try await agent.addDevice("lamp")
        let first = try await scene.claimSecret()
        try await scene.claim()
        let stranger = try await HTTPProbe(port: agent.port).post("/api/cloud/unclaim")
        #expect(stranger.status == 401)
        let answer = try await agent.api.post("/api/cloud/unclaim")
        #expect(answer.status == 200, "\(answer.text)")
        let claimed = try answer.json["claimed"]
        #expect(claimed == false)
        try await scene.wait(for: LabStation.Presence.waiting)
        let second = try await scene.claimSecret()
        #expect(second != first)

        try await scene.claim()
        let said = try await agent.successfully("cloud", "unclaim")
        #expect(said == "The station is unclaimed; what was waiting for the cloud is forgotten.\n")
        try await scene.wait(for: "waiting")
        try await scene.wait(for: LabStation.Presence.waiting)
        #expect(try scene.known.handshakes == 3)
        let third = try await scene.claimSecret()
        #expect(Set([first, second, third]).count == 3)
        let again = try await agent.successfully("cloud", "unclaim")
        #expect(again == "No cloud has claimed this station.\n")
        let device = try await agent.device(id)
        #expect(device["name"] == "lamp", "what the station has stays")
    }

    @Test("A reset: the devices hear of it, the agent ends with 0, and the next start is unclaimed with a new secret")
    func reset() async throws {
        try await CloudScene.run { try await Self.reset($0) }
    }

    private static func reset(_ scene: CloudScene) async throws {
        let agent = scene.agent
        let before = try await scene.claimSecret()
        try await scene.claim()
        try await agent.addDevice("lamp", type: "light")
        try await agent.addDevice("room")
        let (lamp, room) = (try await agent.play("lamp"), try await agent.play("room"))
        try await lamp.shakeHands(#"{"type":"light"}"#)
        try await room.shakeHands()
        let isTold = try await scene.lab.reset(scene.chipID)
        #expect(isTold)
        let exitCode = try await agent.ended()
        #expect(exitCode == 0)
        let farewell: [JSONValue] = [["action": "factory_reset"]]
        try await eventually("the devices are told") { try lamp.commands == farewell && room.commands == farewell }
        let acknowledged = scene.lab.messages(from: scene.chipID).contains { $0["type"] == "station_reset_ack" }
        #expect(acknowledged)

        try await agent.start()
        try await scene.wait(for: "waiting")
        try await scene.wait(for: LabStation.Presence.waiting)
        let status = try await scene.status()
        #expect(status["claimed"] == false)
        #expect(status["outboxDepth"] == 0)
        let after = try await scene.claimSecret()
        #expect(after != before)
        #expect(agent.isRunning, "one reset for one order")
        try await scene.claim()
    }

    // MARK: A cloud that is away

    @Test("What happens while the cloud is away is told once when it is back, in order, each with an event id")
    func outage() async throws {
        try await CloudScene.run { try await Self.outage($0) }
    }

    private static func outage(_ scene: CloudScene) async throws {
        try await scene.claim()
        let (boiler, alerts) = try await self.boiler(scene.agent)
        try await scene.waitUntilTold()
        await scene.lab.leave()
        try await eventually("the station notices") { try await scene.status()["state"] != "authenticated" }
        for (value, count) in [(75, 1), (60, 1), (80, 2)] {
            try await boiler.report("temperature", value)
            let isOpen = value > 70
            try await eventually("\(value) counts") { try await self.counts(count, isOpen, scene.agent, alerts) }
        }
        let status = try await scene.status()
        #expect((status["outboxDepth"]?.doubleValue ?? 0) >= 3)
        #expect(status["lastError"]?.stringValue != nil)
        try await scene.lab.comeBack()
        try await eventually(within: .seconds(60), "the station is back") {
            try scene.known.presence == .authenticated
        }
        try await scene.waitUntilTold()

        let told = scene.told(["alert.opened", "alert.resolved"])
        #expect(told.map { $0["method"] } == ["alert.opened", "alert.resolved", "alert.opened"])
        #expect(told.map { $0["params", "value"] } == [75, 60, 80])
        #expect(told.map { $0["params", "alertId"] }[0] == told.map { $0["params", "alertId"] }[1])
        let eventIDs = told.compactMap { $0["params", "eventId"]?.stringValue }
        #expect(Set(eventIDs).count == 3)
        let known = try scene.known
        #expect(known.duplicates == 0)
        #expect(known.handshakes == 1)
    }

    /// A device in a place, with a limit of 70 on its temperature; and where its alerts are.
    private static func boiler(_ agent: AgentProcess) async throws -> (PlayedDevice, String) {
        let place = try await self.make("/api/places", ["name": "House"], "place_id", agent)
        let devices = "/api/places/\(place)/devices"
        let device = try await self.make(devices, ["name": "Boiler"], "device_id", agent)
        let sensors = "\(devices)/\(device)/sensors"
        let sensor = try await self.make(sensors, ["key": "temperature", "name": "Water"], "sensor_id", agent)
        let limit: JSONValue = ["type": "max", "value": 70, "severity": "critical", "clear_band": 2]
        let set = try await agent.api.post("\(sensors)/\(sensor)/thresholds", json: limit)
        try #require(set.status == 201, "\(set.text)")
        let boiler = try await agent.play(device)
        try await boiler.shakeHands()
        return (boiler, "/api/places/\(place)/alerts")
    }

    private static func make(
        _ path: String, _ body: JSONValue, _ key: String, _ agent: AgentProcess
    ) async throws -> String {
        let made = try await agent.api.post(path, json: body)
        try #require(made.status == 201, "\(path): \(made.text)")
        return try #require(made.json[key]?.stringValue)
    }

    /// Whether there are so many alerts, one of them open or none.
    private static func counts(
        _ count: Int, _ isOpen: Bool, _ agent: AgentProcess, _ path: String
    ) async throws -> Bool {
        let items = try await agent.get(path)["items"]?.arrayValue ?? []
        return items.count == count && items.contains { $0["status"] == "active" } == isOpen
    }
}

extension LabReply {
    /// The code of an error.
    fileprivate var code: Int64? {
        if case .error(let code, _) = self { code } else { nil }
    }
}
