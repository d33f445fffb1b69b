import StationCore
import StationTestSupport
import Testing

@Suite("The host, by the API of the real daemon")
struct HostTourTests {
    private static let password = "wifi-password-of-the-host-4713"

    @Test("A network is found and joined, one that gives no address is rolled back, and the machine restarts")
    func tour() async throws {
        let air: JSONObject = [
            "air": [
                ["ssid": "Casa", "password": .string(Self.password)],
                ["ssid": "Nowhere", "password": .string(Self.password), "join": "reason:5"],
            ]
        ]
        try await PrivateBus.run { bus in
            try await FakeServiceProcess.run(.networkManager, on: bus, settings: air) { manager in
                try await FakeServiceProcess.run(.systemd, on: bus) { systemd in
                    let setup = AgentProcess.Setup(
                        environment: ["DBUS_SYSTEM_BUS_ADDRESS": bus.address, "LOG_LEVEL": "trace"]
                    )
                    try await AgentProcess.run(setup) { agent in
                        try await Self.joins(agent)
                        try await Self.rollsBack(agent)
                        #expect(try await manager.calls("Save").count == 1)
                        try await Self.restarts(agent, systemd)
                        #expect(!agent.log.contains(Self.password))
                        #expect(try await agent.stop() == 0)
                    }
                }
            }
        }
    }

    private static func joins(_ agent: AgentProcess) async throws {
        let found = try await agent.api.post("/api/network/wifi/scan")
        #expect(found.status == 200, "\(found.text)")
        #expect(found.text.contains("Casa") && found.text.contains("Nowhere"))
        let body: JSONValue = ["ssid": "Casa", "password": .string(Self.password)]
        let joined = try await agent.api.send("PUT", "/api/network/wifi", json: body)
        #expect(joined.status == 200, "\(joined.text)")
        let state = try await agent.api.get("/api/wifi/status")
        #expect(state.text.contains("Casa") && state.text.contains("connected"), "\(state.text)")
        #expect(!joined.text.contains(Self.password) && !state.text.contains(Self.password))
    }

    private static func rollsBack(_ agent: AgentProcess) async throws {
        let body: JSONValue = ["ssid": "Nowhere", "password": .string(Self.password)]
        let refused = try await agent.api.send("PUT", "/api/network/wifi", json: body)
        #expect(refused.status == 502, "\(refused.text)")
        #expect(try refused.errorCode == "wifi_no_address")
        let network = try await agent.api.get("/api/network")
        #expect(try network.json["lastJoin"]?["rollback"] == "restored", "\(network.text)")
        let state = try await agent.api.get("/api/wifi/status")
        #expect(state.text.contains("Casa"), "\(state.text)")
    }

    private static func restarts(_ agent: AgentProcess, _ systemd: FakeServiceProcess) async throws {
        let info = try await agent.api.get("/api/system/info")
        #expect(try info.json["hostName"] == "station-7", "\(info.text)")
        let answer = try await agent.api.post("/api/system/restart", json: ["target": "host"])
        #expect(answer.status == 202, "\(answer.text)")
        try await eventually("logind is told") { try await systemd.calls("Reboot").count == 1 }
        try await systemd.tell(["can": "no"])
        let refused = try await agent.api.post("/api/system/restart", json: ["target": "host"])
        #expect(try refused.errorCode == "restart_not_allowed", "\(refused.text)")
        #expect(try await systemd.calls("Reboot").count == 1)
    }

    private static func announced(by avahi: FakeServiceProcess) async throws -> [JSONValue] {
        try await avahi.state()["services"]?.arrayValue ?? []
    }

    @Test("The LAN is told of the station while it runs, with the port that it has, and no more afterwards")
    func announcement() async throws {
        try await PrivateBus.run { bus in
            try await FakeServiceProcess.run(.avahi, on: bus) { avahi in
                let setup = AgentProcess.Setup(
                    environment: ["DBUS_SYSTEM_BUS_ADDRESS": bus.address, "HOST": "0.0.0.0", "STATION_NAME": "Mill"]
                )
                try await AgentProcess.run(setup) { agent in
                    try await eventually("three services are announced") {
                        try await Self.announced(by: avahi).count == 3
                    }
                    let services = try await Self.announced(by: avahi)
                    for type in ["_station._tcp", "_http._tcp", "_mqtt._tcp"] {
                        #expect(services.contains { $0["type"] == .string(type) && $0["name"] == "Mill" })
                    }
                    let station = services.first { $0["type"] == "_station._tcp" }
                    #expect(station?["port"]?.description == "\(agent.port)")
                    #expect(try await agent.stop() == 0)
                    try await eventually("nothing is announced any more") {
                        try await Self.announced(by: avahi).isEmpty
                    }
                }
            }
        }
    }

    @Test("Nothing is announced where only this machine can reach the station")
    func loopback() async throws {
        try await PrivateBus.run { bus in
            try await FakeServiceProcess.run(.avahi, on: bus) { avahi in
                let setup = AgentProcess.Setup(environment: ["DBUS_SYSTEM_BUS_ADDRESS": bus.address])
                try await AgentProcess.run(setup) { agent in
                    // It asks the bus for other things by then.
                    try await eventually("Bluetooth was looked for") {
                        try await agent.health().checks?["ble", "detail"]?.stringValue == "bluetoothd is not running"
                    }
                    #expect(try await agent.stop() == 0)
                    #expect(try await avahi.calls("EntryGroupNew").isEmpty)
                }
            }
        }
    }
}
