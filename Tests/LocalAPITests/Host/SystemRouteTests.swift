import StationCore
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("The station's machine")
struct SystemRouteTests {
    private static let path = "/api/system/restart"

    private static func restart(_ target: JSONValue, of station: LocalAPIFixture) async throws -> HTTPAnswer {
        try await station.agent.send("POST", Self.path, json: ["target": target])
    }

    @Test("It is told what it is and how it is")
    func info() async throws {
        var info = HostInfo()
        info.model = "Raspberry Pi 4 Model B Rev 1.4"
        info.temperature = 61.3
        info.throttling = HostThrottling(flags: 0x50005)
        info.memory = HostSpace(total: 4_000_000_000, available: 1_000_000_000)
        info.disk = HostSpace(total: 32_000_000_000, available: 20_000_000_000)
        info.operatingSystem = "Debian GNU/Linux 12 (bookworm)"
        info.kernel = "6.12.47+rpt-rpi-v8"
        info.architecture = "aarch64"
        info.hostName = "station"
        info.timeZone = "Europe/Berlin"
        info.isClockSynchronised = true
        info.uptime = .milliseconds(86_400_900)
        try await LocalAPIFixture.run(ports: ScriptedHost(info).ports) { station in
            let answer = try await station.agent.get("/api/system/info")
            expectStatus(answer, 200)
            #expect(
                try answer.json == [
                    "model": "Raspberry Pi 4 Model B Rev 1.4", "temperature": .number(61.3),
                    "throttling": [
                        "now": ["underVoltage", "throttled"], "sinceStart": ["underVoltage", "throttled"],
                    ],
                    "memory": ["total": 4_000_000_000, "available": 1_000_000_000],
                    "disk": ["total": 32_000_000_000, "available": 20_000_000_000],
                    "operatingSystem": "Debian GNU/Linux 12 (bookworm)", "architecture": "aarch64",
                    "hostName": "station", "timeZone": "Europe/Berlin", "clockSynchronised": true, "uptime": 86_400,
                    "versions": ["agent": "1.2.3", "kernel": "6.12.47+rpt-rpi-v8"], "lastRestart": .null,
                ]
            )
        }
    }

    @Test("What it does not tell is null, and no error")
    func unknown() async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.agent.get("/api/system/info")
            expectStatus(answer, 200)
            let members = try #require(try answer.json.objectValue?.members)
            #expect(members.count == 13)
            for member in members where member.key != "versions" { #expect(member.value == .null, "\(member.key)") }
        }
    }

    @Test("A restart begins once its answer is there", arguments: RestartTarget.allCases)
    func restarting(target: RestartTarget) async throws {
        let host = ScriptedHost()
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock, ports: host.ports) { station in
            let answer = try await Self.restart(.string(target.rawValue), of: station)
            expectStatus(answer, 202)
            #expect(try answer.json == ["target": .string(target.rawValue)])
            #expect(host.reboots == 0 && host.agentRestarts == 0)
            try await eventually("it goes") {
                clock.advance(by: .milliseconds(100))
                return host.reboots + host.agentRestarts == 1
            }
            #expect(host.reboots == (target == .host ? 1 : 0))
            #expect(station.log.text.contains("a restart was asked for by the API"))
        }
    }

    private static let refusals: [(HostFault, Int, String)] = [
        (.unavailable(.logind, "no such name"), 503, "restart_unavailable"),
        (.refused(.logind, "polkit says no"), 503, "restart_not_allowed"),
        (.timedOut(.logind), 503, "restart_timeout"),
        (.failed(.logind, "what a mess"), 502, "restart_failed"),
    ]

    @Test("A machine that would not restart is told to nobody as if it did", arguments: refusals)
    func refusing(fault: HostFault, status: Int, code: String) async throws {
        let host = ScriptedHost()
        host.refuse(fault)
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock, ports: host.ports) { station in
            try expectError(try await Self.restart("host", of: station), status, code)
            // One that is carried out shows that nothing waits before it.
            expectStatus(try await Self.restart("agent", of: station), 202)
            try await eventually("the agent restarts") {
                clock.advance(by: .milliseconds(100))
                return host.agentRestarts == 1
            }
            #expect(host.reboots == 0)
        }
    }

    @Test("A machine that does not restart after all says why")
    func failing() async throws {
        let host = ScriptedHost()
        host.fail(.failed(.logind, "inhibited by somebody"))
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock, ports: host.ports) { station in
            let askedAt = JSONValue.string(clock.wallTime.description)
            expectStatus(try await Self.restart("host", of: station), 202)
            try await eventually("it is told") {
                clock.advance(by: .milliseconds(100))
                return try await Self.lastRestart(of: station)?["error"] != .null
            }
            let last = try await Self.lastRestart(of: station)
            #expect(last?["target"] == "host" && last?["askedAt"] == askedAt)
            #expect(last?["error"]?["code"] == "restart_failed")
            #expect(station.log.text.contains("inhibited by somebody"))
            // It may be tried again.
            host.fail(nil)
            expectStatus(try await Self.restart("host", of: station), 202)
            #expect(try await Self.lastRestart(of: station)?["error"] == .null)
            try await eventually("it goes") {
                clock.advance(by: .milliseconds(100))
                return host.reboots == 2
            }
        }
    }

    private static func lastRestart(of station: LocalAPIFixture) async throws -> JSONValue? {
        try await station.agent.get("/api/system/info").json["lastRestart"]
    }

    @Test("The agent can be restarted where nobody can restart the machine")
    func agentAlone() async throws {
        let restarts = Locked(0)
        let ports = HostPorts { restarts.withLock { $0 += 1 } }
        try await LocalAPIFixture.run(ports: ports) { station in
            try expectError(try await Self.restart("host", of: station), 503, "restart_unavailable")
            expectStatus(try await Self.restart("agent", of: station), 202)
            try await eventually("it goes") { restarts.value == 1 }
        }
    }

    @Test("Only what there is can be restarted")
    func faulty() async throws {
        let host = ScriptedHost()
        try await LocalAPIFixture.run(ports: host.ports) { station in
            for target: JSONValue in ["", "Agent", "device", "agent ", .null, 1, ["agent"]] {
                let answer = try await Self.restart(target, of: station)
                try expectError(answer, 422, "validation_failed")
            }
            let unknown = try await Self.restart("device", of: station).json["message"]?.stringValue
            #expect(unknown == "“target” is “device”; it must be one of agent, host.")
            let more: JSONValue = ["target": "agent", "force": true]
            expectStatus(try await station.agent.send("POST", Self.path, json: more), 422)
            expectStatus(try await station.agent.send("POST", Self.path), 400)
            #expect(host.reboots == 0 && host.agentRestarts == 0)
        }
    }
}
