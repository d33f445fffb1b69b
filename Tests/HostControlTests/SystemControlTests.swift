import HostControl
import StationCore
import StationTestSupport
import Testing

// One after the other: each has a bus and a program of its own.
@Suite("The host itself", .serialized)
struct SystemControlTests {
    private static func system(_ host: HostFixture) -> SystemControl {
        SystemControl(
            bus: host.hostBus, dataDirectory: "/", files: HostFiles(root: "/nonexistent"), clock: host.clock,
            logger: host.log.logger)
    }

    private static func info(_ host: HostFixture) async throws -> HostInfo {
        let system = Self.system(host)
        // Hardly faster than life: its limits are short.
        return try await host.result(step: .milliseconds(5)) { () async throws(HostFault) in await system.info() }.get()
    }

    private static func reboot(_ host: HostFixture, demands: Bool = false) async throws -> HostFault? {
        let system = Self.system(host)
        let result = try await host.result { () async throws(HostFault) in
            if demands { try await system.demandReboot() } else { try await system.reboot() }
        }
        return NetworkFixture.fault(result)
    }

    @Test("is told by systemd's services and by the kernel")
    func info() async throws {
        try await HostFixture.run { host in
            try await FakeServiceProcess.run(.systemd, on: host.bus) { _ in
                let info = try await Self.info(host)
                #expect(info.hostName == "station-7")
                #expect(info.operatingSystem == "Debian GNU/Linux 12 (bookworm)")
                #expect(info.timeZone == "Europe/Berlin")
                #expect(info.isClockSynchronised == true)
                #expect(info.kernel != nil)
                #expect(info.disk != nil)
                #expect(info.model == nil)
            }
        }
    }

    @Test("is told as far as it goes where nobody answers, and soon")
    func silence() async throws {
        try await HostFixture.run { host in
            let alone = try await Self.info(host)
            #expect(alone.hostName != nil && alone.disk != nil)
            #expect(alone.timeZone == nil && alone.isClockSynchronised == nil)
            let settings: JSONObject = ["hostname1": ["silent": ["GetAll"]], "timedate1": ["silent": ["GetAll"]]]
            try await FakeServiceProcess.run(.systemd, on: host.bus, settings: settings) { _ in
                let begin = host.clock.now
                let info = try await Self.info(host)
                #expect(info.hostName != nil && info.timeZone == nil)
                // Both are asked at once.
                #expect(begin.duration(to: host.clock.now) < .seconds(6))
            }
        }
    }

    @Test("is restarted by logind, which asks nobody for a password")
    func reboot() async throws {
        try await HostFixture.run { host in
            try await FakeServiceProcess.run(.systemd, on: host.bus) { systemd in
                let demand = try await Self.reboot(host, demands: true)
                #expect(demand == nil)
                #expect(try await systemd.calls("Reboot").isEmpty)
                let fault = try await Self.reboot(host)
                #expect(fault == nil)
                #expect(try await systemd.calls("Reboot").map { $0["args"] } == [[false]])
            }
        }
    }

    @Test("is not restarted against logind's will, which is told", arguments: ["no", "challenge", "na", "perhaps"])
    func refusal(answer: String) async throws {
        try await HostFixture.run { host in
            let settings: JSONObject = ["login1": ["can": .string(answer)]]
            try await FakeServiceProcess.run(.systemd, on: host.bus, settings: settings) { systemd in
                switch try await Self.reboot(host) {
                case .refused(.logind, _): #expect(answer == "no" || answer == "challenge")
                case .failed(.logind, _): #expect(answer == "na" || answer == "perhaps")
                default: Issue.record("a restart that logind does not want")
                }
                #expect(try await systemd.calls("Reboot").isEmpty)
            }
        }
    }

    @Test("is not restarted where polkit says no, where logind is silent, and where there is none")
    func faults() async throws {
        try await HostFixture.run { host in
            try await FakeServiceProcess.run(.systemd, on: host.bus) { systemd in
                let name = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"
                try await systemd.tell(["fail": ["Reboot": [[.string(name), "no"]]]])
                #expect(try await Self.reboot(host) == .refused(.logind, "\(name): no"))
                try await systemd.tell(["silent": ["Reboot"]])
                #expect(try await Self.reboot(host) == .timedOut(.logind))
                try await systemd.tell(["running": false])
                guard case .unavailable(.logind, _) = try await Self.reboot(host) else {
                    Issue.record("a restart without logind")
                    return
                }
            }
        }
    }
}
