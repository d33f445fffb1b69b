import Foundation
import MQTTTransport
import StationCore
import StationTestSupport
import Testing

@Suite("A station whose broker confines everybody", .serialized, .timeLimit(.minutes(5)))
struct BrokerAccessTests {
    private static let enforced: AgentProcess.Setup = {
        var setup = AgentProcess.Setup()
        setup.isEnforced = true
        return setup
    }()

    /// Adds a device with the command line, beside the daemon, and returns its token once the broker knows it.
    private static func add(_ name: String, _ agent: AgentProcess) async throws -> Secret {
        let outcome = try await agent.command(["device", "add", "--json", "--name", name, "--external-id", name])
        let token = try #require(JSONValue.parse(outcome.output)["token"]?.stringValue, "\(outcome)")
        try await eventually("the broker lets \(name) in") {
            try await agent.isLetIn(name, Secret(token))
        }
        return Secret(token)
    }

    @Test("Real clients: its own topics work, another's are refused in SUBACK, PUBACK and CONNACK")
    func realClients() async throws {
        try await AgentProcess.run(Self.enforced) { agent in
            let lamp = try await Self.add("lamp", agent)
            _ = try await Self.add("door", agent)
            let login = BrokerTools.login(agent.broker.port, "lamp", lamp)
            let own = try await BrokerTools.run(
                "mosquitto_pub", login + ["-q", "1", "-t", "station/s-1/device/lamp/state", "-m", "{\"state\":{}}"],
                in: agent.directory
            )
            #expect(own == "")
            let foreign = try await BrokerTools.run(
                "mosquitto_pub", login + ["-q", "1", "-t", "station/s-1/device/door/state", "-m", "{}"],
                in: agent.directory
            )
            #expect(foreign.contains("Not authorized"))
            let subscribed = try await BrokerTools.run(
                "mosquitto_sub", login + ["-W", "2", "-t", "station/s-1/device/door/command", "-t", "#"],
                in: agent.directory
            )
            #expect(subscribed.contains("All subscription requests were denied"))
            let stolen = try await BrokerTools.run(
                "mosquitto_pub",
                BrokerTools.login(agent.broker.port, "lamp", lamp, clientID: "door") + ["-t", "a", "-m", "b"],
                in: agent.directory
            )
            #expect(stolen.contains("Not authorized") || stolen.contains("not authorised"))
        }
    }

    @Test("The agent killed: devices go on, and new ones connect; started again: nobody is dropped, nothing written")
    func agentAway() async throws {
        try await AgentProcess.run(Self.enforced) { agent in
            let token = try await Self.add("lamp", agent)
            let lamp = try await agent.play("lamp", token: token)
            let file = agent.directory.path("broker/dynsec.json")
            let before = try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
            await agent.kill9()
            try await lamp.report("brightness", 1)
            let isLetIn = try await agent.isLetIn("device:\(Self.id(of: "lamp", agent))", token)
            #expect(isLetIn)
            try await agent.start()
            try await eventually("health says that all are confined") {
                let detail = try await agent.health().checks?["mqtt", "detail"]?.stringValue
                return detail?.contains("confined to its own topics") ?? false
            }
            let after = try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
            let isOpen = await lamp.client.connection.isOpen
            #expect(before == after && isOpen)
        }
    }

    private static func id(of name: String, _ agent: AgentProcess) async throws -> String {
        let outcome = try await agent.command(["device", "list", "--json"])
        let devices = try JSONValue.parse(outcome.output).arrayValue ?? []
        return try #require(devices.first { $0["externalId"] == .string(name) }?["id"]?.stringValue)
    }

    @Test("A torn file lets nobody in; “broker restore” before the start lets everybody in at once")
    func tornFile() async throws {
        try await AgentProcess.run(Self.enforced) { agent in
            let token = try await Self.add("lamp", agent)
            let file = agent.directory.url.appending(path: "broker/dynsec.json")
            let restore = ["broker", "restore", "--dir", agent.directory.path("broker")]
            let untouched = try await agent.command(restore)
            #expect(untouched.code == 0 && untouched.output.hasSuffix("unchanged\n"), "\(untouched)")
            await agent.broker.kill()
            let whole = try Data(contentsOf: file)
            try whole.prefix(whole.count / 2).write(to: file)
            let restored = try await agent.command(restore)
            #expect(restored.code == 0 && restored.output.hasSuffix("written\n"), "\(restored)")
            try await agent.broker.start()
            let isLetIn = try await agent.isLetIn("lamp", token)
            let isStranger = try await agent.isLetIn("lamp", Secret("wrong"))
            #expect(isLetIn && !isStranger)
            try await agent.waitForHealth("ok")
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("“broker init” twice writes once, and knows the devices that are there")
    func idempotent() async throws {
        try await AgentProcess.run(Self.enforced) { agent in
            let token = try await Self.add("lamp", agent)
            let arguments = [
                "broker", "init", "--dir", agent.directory.path("second"), "--listen",
                "127.0.0.1:\(LoopbackPort.unused())",
            ]
            let first = try await agent.command(arguments)
            let second = try await agent.command(arguments)
            #expect(first.output.split(separator: "\n").allSatisfy { $0.hasSuffix(": written") }, "\(first)")
            #expect(second.output.split(separator: "\n").allSatisfy { $0.hasSuffix(": unchanged") }, "\(second)")
            let text = try String(contentsOfFile: agent.directory.path("second/dynsec.json"), encoding: .utf8)
            #expect(text.contains(#""username":"lamp""#) && !text.contains(token.revealed))
        }
    }

    @Test("doctor proves by trying that devices are confined, and says what to do where they are not")
    func doctor() async throws {
        try await AgentProcess.run(Self.enforced) { agent in
            let confined = try await agent.command(["doctor"])
            #expect(confined.code == 0, "\(confined)")
            #expect(confined.output.contains("ok       broker-access: a device that was made to try"), "\(confined)")
            let file = try String(contentsOfFile: agent.directory.path("broker/dynsec.json"), encoding: .utf8)
            #expect(!file.contains("doctor"))
        }
        try await AgentProcess.run { agent in
            let open = try await agent.command(["doctor"])
            #expect(open.code == 1, "\(open)")
            #expect(open.output.contains("FAILED   broker-access: the broker lets everybody in"), "\(open)")
            #expect(open.output.contains("→ sudo station-agent broker init"), "\(open)")
        }
    }

    @Test("A person gets a login that works at once, and hears the devices")
    func credentials() async throws {
        try await AgentProcess.run(Self.enforced) { agent in
            let token = try await Self.add("lamp", agent)
            let answer = try await agent.api.post("/api/mqtt/credentials", json: [:])
            #expect(answer.status == 200, "\(answer.text)")
            let json = try answer.json
            let name = try #require(json["username"]?.stringValue)
            let person = try await BrokerClient.connect(
                on: agent.loop, to: agent.broker.port, id: name, user: name,
                password: Secret(try #require(json["password"]?.stringValue)),
                hearing: ["station/+/device/+/state"]
            )
            let lamp = try await agent.play("lamp", token: token)
            try await lamp.report("brightness", 7)
            try await eventually("the person hears it") { !person.texts(on: lamp.topic("state")).isEmpty }
            try await eventually("so does the station") {
                try await agent.devices()["lamp"]?["lastKnownState", "brightness"] == 7
            }
        }
    }
}
