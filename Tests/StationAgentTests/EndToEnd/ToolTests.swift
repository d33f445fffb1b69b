import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("The tools beside the daemon")
struct ToolTests {
    /// What doctor looks at of the station itself; the others depend on the machine.
    private static let own = [
        "config", "device-types", "data-dir", "store", "broker", "broker-access", "broker-refused", "http-port",
        "agent",
    ]

    @Test("doctor finds everything well beside a running station")
    func healthy() async throws {
        var setup = AgentProcess.Setup()
        setup.isEnforced = true
        try await AgentProcess.run(setup) { agent in
            try await agent.addDevice("lamp")
            let text = try await agent.successfully("doctor")
            for name in Self.own { #expect(text.contains("ok       \(name): "), "\(name): \(text)") }
            // Whether the machine has a radio is not the station's doing.
            for name in ["clock", "network", "bluetooth"] { #expect(text.contains("  \(name): "), "\(text)") }
            #expect(!text.contains("FAILED"))
            let report = try JSONValue.parse(try await agent.successfully("doctor", "--json"))
            #expect(report["ok"] == true)
            let checks = try #require(report["checks"]?.arrayValue)
            #expect(checks.count == text.split(separator: "\n").count { !$0.contains("→ ") })
            for check in checks { #expect((check["status"] == "ok") == (check["remedy"] == .null), "\(check)") }
            let found = checks.filter { $0["status"] == "ok" }.compactMap { $0["name"]?.stringValue }
            #expect(Set(Self.own).isSubset(of: found))
            #expect(try await agent.health().word == "ok")
        }
    }

    @Test("doctor ends with 1 and says what to do when the broker is away or the port is somebody else's")
    func ill() async throws {
        try await AgentProcess.run { agent in
            let other = try await agent.command(["doctor"], environment: ["DATA_DIR": agent.directory.path("other")])
            #expect(other.code == 1)
            #expect(other.output.contains("FAILED   http-port: 127.0.0.1:\(agent.port) is taken"))
            #expect(other.output.contains("→ Find it: sudo ss"))

            await agent.broker.stop()
            let text = try await agent.command(["doctor"])
            #expect(text.code == 1)
            #expect(text.output.contains("FAILED   broker: "))
            #expect(text.output.contains("→ sudo systemctl start mosquitto, or correct MQTT_URL."))
            let json = try await agent.command(["doctor", "--json"])
            #expect(json.code == 1)
            let report = try JSONValue.parse(json.output)
            #expect(report["ok"] == false)
            let failed = report["checks"]?.arrayValue?.filter { $0["status"] == "failed" } ?? []
            #expect(failed.map { $0["name"] } == ["broker"])
            #expect(failed.first?["remedy"]?.stringValue?.isEmpty == false)
        }
    }

    @Test("doctor changes nothing: not the schema of a store that a newer binary finds, and none where there is none")
    func readOnly() async throws {
        try await AgentProcess.run { agent in
            #expect(try await agent.stop() == 0)
            let last = "(SELECT identifier FROM grdb_migrations ORDER BY identifier DESC LIMIT 1)"
            try await agent.store.run("DELETE FROM grdb_migrations WHERE identifier = \(last)")
            let count = "SELECT count(*) FROM grdb_migrations"
            let before = try await agent.store.number(count)
            let doctor = try await agent.command(["doctor"])
            #expect(doctor.output.contains("ok       store: "), "\(doctor)")
            #expect(try await agent.store.number(count) == before)

            let other = agent.directory.path("other")
            _ = try await agent.command(["doctor"], environment: ["DATA_DIR": other])
            #expect(!FileManager.default.fileExists(atPath: other))
        }
    }

    @Test("doctor fails when it has already been later than the clock says")
    func clock() async throws {
        try await AgentProcess.run { agent in
            #expect(try await agent.stop() == 0)
            try await agent.store.run("UPDATE settings SET value = '4000000000000' WHERE key = 'clock.floor'")
            let doctor = try await agent.command(["doctor"])
            #expect(doctor.code == 1)
            #expect(doctor.output.contains("FAILED   clock: "), "\(doctor)")
            #expect(doctor.output.contains("→ sudo timedatectl set-ntp true"))
        }
    }

    @Test("doctor goes the way to the cloud: to one that answers, to nobody, to a name that is not there")
    func cloud() async throws {
        try await CloudScene.run { scene in
            let well = try await scene.agent.command(["doctor"])
            #expect(well.output.contains("ok       cloud: ws://127.0.0.1:"), "\(well)")
            let nobody = ["CLOUD_HOST": "ws://127.0.0.1:\(LoopbackPort.unused())"]
            let refused = try await scene.agent.command(["doctor"], environment: nobody)
            #expect(refused.code == 1)
            #expect(refused.output.contains("FAILED   cloud: "), "\(refused)")
            #expect(refused.output.contains("→ curl -v --max-time 10 http://127.0.0.1:"), "\(refused)")
            let lost = try await scene.agent.command(["doctor"], environment: ["CLOUD_HOST": "no-such-cloud.invalid"])
            #expect(lost.output.contains("FAILED   cloud: the name no-such-cloud.invalid is not found"), "\(lost)")
        }
    }

    @Test("config shows every value and where it comes from, secrets masked")
    func config() async throws {
        let setup = AgentProcess.Setup(
            environment: ["JWT_SECRET": "a-key-of-more-than-thirty-two-bytes"],
            yaml: "station:\n  name: Mühle\nagent:\n  token: not-this-one\n", startsAtOnce: false
        )
        try await AgentProcess.run(setup) { agent in
            let file = agent.directory.path("station-agent.yaml")
            let text = try await agent.successfully("config", "--config", file)
            let rows = text.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
            func row(_ key: String) -> String? {
                rows.first { $0.first == key[...] }?.dropFirst().joined(separator: " ")
            }
            #expect(row("station.name") == "Mühle \(file), line 2")
            #expect(row("http.port") == "\(agent.port) the environment variable PORT")
            #expect(row("agent.token") == "••• the environment variable AGENT_TOKEN")
            #expect(row("jwt.secret") == "••• the environment variable JWT_SECRET")
            #expect(row("log.level") == "info the default")
            for secret in [AgentProcess.token, "not-this-one", "thirty-two-bytes"] { #expect(!text.contains(secret)) }
        }
    }

    @Test("--version and --help answer")
    func help() async throws {
        try await AgentProcess.run { agent in
            let version = try await agent.successfully("--version").trimmingCharacters(in: .newlines)
            #expect(try await agent.get("/api/health")["version"]?.stringValue == version)
            let help = try await agent.successfully("--help")
            for name in ["run", "simulate", "device", "doctor", "config"] { #expect(help.contains("\n  \(name) ")) }
        }
    }

    @Test("simulate --demo: three devices come online, and the light obeys and reports back")
    func demo() async throws {
        try await AgentProcess.run { agent in
            let simulator = try await agent.startCommand(["simulate", "--demo"])
            defer { simulator.signal(SIGKILL) }
            try await eventually("three devices are online") {
                try await agent.devices().values.count { $0["status"] == "online" } == 3
            }
            let types = try await agent.devices().values.compactMap { $0["type"]?.stringValue }
            #expect(types.sorted() == ["climate", "light", "switch-pir"])
            let light = try await agent.id(of: "demo-light-0001")
            #expect(try await agent.send(["action": "set_brightness", "brightness": 37], to: light).status == 202)
            try await eventually("the light reports its brightness") {
                try await agent.device(light)["lastKnownState"] == ["on": true, "brightness": 37]
            }
            #expect(try await agent.send(["action": "turn_off"], to: light).status == 202)
            try await eventually("the light is off") { try await agent.state(of: light, "on") == false }
            let climate = try await agent.id(of: "demo-climate-0001")
            #expect(try await agent.state(of: climate, "temperature")?.doubleValue != nil)
            simulator.signal(SIGTERM)
            try await eventually("the simulator ends") { simulator.exitCode != nil }
            #expect(simulator.exitCode == 0)
        }
    }
}
