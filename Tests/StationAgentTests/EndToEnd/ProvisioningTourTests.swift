import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("A factory-new device over Bluetooth")
struct ProvisioningTourTests {
    private static let wifiPassword = "wifi-password-9078"

    @Test("is found, written to, let in by a broker that confines it, and online; the Wi-Fi's password is nowhere")
    func tour() async throws {
        try await Self.run { agent, bluez in
            try await agent.waitForAdapter("ready")
            try await LiveProbe.run(port: agent.port, path: "/ws/provisioning", token: agent.accessToken) { live in
                let found = try await live.message("provisioning_candidate")
                #expect(found["externalId"] == "lamp")
                #expect(found["dialect"] == "smarthome")

                let id = try await Self.add(agent)
                let row = try await agent.device(id)
                #expect(row["status"] == "provisioning")
                try await live.message("provisioning_progress") { $0["step"] == "waiting_for_device" }
                let order = try JSONValue.parse(try #require(try await bluez.stored().last))
                #expect(order["ssid"] == "Casa")
                #expect(order["password"] == .string(Self.wifiPassword))
                #expect(order["mqtt_host"] == "pi.local")
                #expect(order["device_id"] == "lamp")

                let token = Secret(try #require(order["device_token"]?.stringValue))
                try await agent.play("lamp", token: token).shakeHands(#"{"type":"light"}"#)
                let result = try await live.message("provisioning_result")
                #expect(result["ok"] == true)
                #expect(result["deviceId"] == .string(id))
                #expect(try await agent.device(id)["status"] == "online")
                #expect(Self.steps(live) == ["connecting", "resolving", "writing", "waiting_for_device", "online"])

                try await Self.checkSecrecy(agent, live, token)
            }
            try await eventually("nobody is scanned for") { try await bluez.discoverers() == 0 }
            #expect(try await agent.stop() == 0)
        }
    }

    @Test("bluetoothd and the adapter may go and come back; killed while connected, the agent cleans up and goes on")
    func recovery() async throws {
        try await Self.run { agent, bluez in
            try await agent.waitForAdapter("ready")
            try await bluez.tell(["do": "bluetoothd", "running": false])
            try await agent.waitForAdapter("no_bluetoothd")
            let refused = try await agent.api.post("/api/provisioning/add", json: Self.body)
            #expect(refused.status == 503)
            #expect(try refused.errorCode == "adapter_no_bluetoothd")
            try await bluez.tell(["do": "bluetoothd", "running": true])
            try await agent.waitForAdapter("ready")
            try await bluez.tell(["do": "adapter", "present": false])
            try await agent.waitForAdapter("absent")
            try await bluez.tell(["do": "adapter", "present": true])
            try await agent.waitForAdapter("ready")

            try await bluez.tell(["do": "set", "resolve": ["never"]])
            try await LiveProbe.run(port: agent.port, path: "/ws/provisioning", token: agent.accessToken) { live in
                try await live.message("provisioning_candidate")
                _ = try await Self.add(agent)
                try await eventually("it is connected") { try await bluez.device()["connected"] == true }
                await agent.kill9()
            }
            try await agent.start()
            try await eventually("it is disconnected") { try await bluez.device()["connected"] == false }
            try await LiveProbe.run(port: agent.port, path: "/ws/provisioning", token: agent.accessToken) { live in
                try await live.message("provisioning_candidate")
                _ = try await Self.add(agent)
                try await live.message("provisioning_progress") { $0["step"] == "waiting_for_device" }
            }
            #expect(try await agent.stop() == 0)
        }
    }

    // MARK: Parts

    private static func run(_ body: (AgentProcess, FakeBlueZProcess) async throws -> Void) async throws {
        try await PrivateBus.run { bus in
            try await FakeBlueZProcess.run(on: bus, devices: [["name": "SH_lamp"]]) { bluez in
                let setup = AgentProcess.Setup(
                    environment: [
                        "DBUS_SYSTEM_BUS_ADDRESS": bus.address, "MQTT_PUBLIC_HOST": "pi.local", "LOG_LEVEL": "trace",
                    ],
                    isEnforced: true
                )
                try await AgentProcess.run(setup) { agent in try await body(agent, bluez) }
            }
        }
    }

    private static var body: JSONValue {
        ["externalId": "lamp", "wifi": ["ssid": "Casa", "password": .string(Self.wifiPassword)]]
    }

    private static func add(_ agent: AgentProcess) async throws -> String {
        let answer = try await agent.api.post("/api/provisioning/add", json: Self.body)
        try #require(answer.status == 202, "\(answer.text)")
        return try #require(try answer.json["deviceId"]?.stringValue)
    }

    private static func steps(_ live: LiveProbe) -> [String] {
        live.messages.filter { $0["type"] == "provisioning_progress" }.compactMap { $0["step"]?.stringValue }
    }

    private static func checkSecrecy(_ agent: AgentProcess, _ live: LiveProbe, _ token: Secret) async throws {
        var shown = live.messages.description + agent.log
        for path in ["/api/health", "/metrics", "/api/devices", "/api/device-events", "/api/settings/agent"] {
            shown += try await agent.api.get(path).text
        }
        #expect(shown.contains("a new device is online"))
        let files = try Self.files(of: agent)
        #expect(files.contains { $0.firstRange(of: Array("lamp".utf8)) != nil })
        for secret in [Self.wifiPassword, token.revealed] {
            #expect(!shown.contains(secret))
            #expect(!files.contains { $0.firstRange(of: Array(secret.utf8)) != nil })
        }
    }

    private static func files(of agent: AgentProcess) throws -> [[UInt8]] {
        let directory = agent.directory.url.appending(path: "data")
        return try FileManager.default.subpathsOfDirectory(atPath: directory.path).compactMap { name in
            let file = directory.appending(path: name)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
            return Array(try Data(contentsOf: file))
        }
    }
}

extension AgentProcess {
    /// Waits until a client that watches is told so of the adapter.
    fileprivate func waitForAdapter(_ state: String) async throws {
        try await LiveProbe.run(port: self.port, path: "/ws/provisioning", token: self.accessToken) { live in
            try await eventually("the adapter is \(state)") {
                live.messages.last { $0["type"] == "provisioning_adapter" }?["state"]?.stringValue == state
            }
        }
    }
}
