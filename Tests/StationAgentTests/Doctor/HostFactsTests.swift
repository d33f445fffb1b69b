import StationCore
import SystemBus
import Testing

@testable import StationAgent

@Suite("doctor on network, service and the daemon's own word")
struct HostFactsTests {
    // MARK: Network

    private static func network(_ changes: [String: BusValue]) -> DoctorCheck {
        let usual: [String: BusValue] = [
            "Version": .string("1.52.1"), "State": .uint32(70), "Connectivity": .uint32(4),
            "PrimaryConnectionType": .string("802-11-wireless"), "WirelessEnabled": .bool(true),
            "WirelessHardwareEnabled": .bool(true),
        ]
        return NetworkFacts(properties: usual.merging(changes) { $1 }, isInstalled: true).check
    }

    @Test("a network that leads out is well, with or without Internet")
    func connected() {
        #expect(Self.network([:]) == .ok("network", "NetworkManager 1.52.1, over Wi-Fi, the Internet answers"))
        #expect(Self.network(["Connectivity": .uint32(1)]).verdict == .ok)
        #expect(Self.network(["Connectivity": .uint32(2)]).verdict == .warning)
        #expect(Self.network(["Connectivity": .uint32(99)]).verdict == .ok)
    }

    @Test("without a connection the remedy fits the reason")
    func unconnected() {
        let off: [String: BusValue] = ["State": .uint32(20)]
        #expect(Self.network(off).remedy?.contains("wifi connect") == true)
        #expect(Self.network(off.merging(["WirelessEnabled": .bool(false)]) { $1 }).remedy == "nmcli radio wifi on")
        let blocked = Self.network(off.merging(["WirelessHardwareEnabled": .bool(false)]) { $1 })
        #expect(blocked.remedy?.hasPrefix("sudo rfkill unblock wifi") == true)
        #expect(NetworkFacts(properties: [:], isInstalled: true).check.verdict == .warning)
    }

    @Test("NetworkManager that is away is started, or installed")
    func noManager() {
        let stopped = NetworkFacts(properties: nil, isInstalled: true).check
        #expect(stopped.remedy == "sudo systemctl enable --now NetworkManager")
        let missing = NetworkFacts(properties: nil, isInstalled: false).check
        #expect(missing.remedy == "sudo apt install network-manager")
        #expect([stopped, missing].allSatisfy { $0.verdict == .warning })
    }

    // MARK: Service

    private static func service(
        _ unit: [String: BusValue], _ service: [String: BusValue] = [:], isRunning: Bool = false
    ) -> DoctorCheck? {
        let usualUnit: [String: BusValue] = [
            "LoadState": .string("loaded"), "ActiveState": .string("active"), "SubState": .string("running"),
            "UnitFileState": .string("enabled"), "TriggeredBy": .strings([]),
        ]
        let usualService: [String: BusValue] = [
            "NRestarts": .uint32(0), "WatchdogUSec": .uint64(30_000_000), "Result": .string("success"),
        ]
        return ServiceFacts(
            unit: usualUnit.merging(unit) { $1 }, service: usualService.merging(service) { $1 }, isRunning: isRunning
        ).check
    }

    @Test("a service that runs under a watchdog is well; one that is not installed is not spoken of")
    func service() {
        #expect(Self.service([:]) == .ok("service", "running, with a watchdog of 30 s"))
        #expect(Self.service(["LoadState": .string("not-found")]) == nil)
        #expect(ServiceFacts(unit: [:], service: [:], isRunning: false).check == nil)
    }

    @Test("a service that does not stay up has failed, with the code that it ended with")
    func crashes() throws {
        let ending: [String: BusValue] = ["Result": .string("exit-code"), "ExecMainStatus": .int32(78)]
        let failed = try #require(Self.service(["ActiveState": .string("failed")], ending))
        #expect(failed.verdict == .failed)
        #expect(failed.detail.contains("code 78"))
        let state: [String: BusValue] = ["ActiveState": .string("activating"), "SubState": .string("auto-restart")]
        let restarting = try #require(Self.service(state, ["Result": .string("watchdog")]))
        #expect(restarting.verdict == .failed)
        #expect(restarting.detail.contains("watchdog"))
        #expect(Self.service([:], ["NRestarts": .uint32(2)])?.verdict == .ok)
        #expect(Self.service([:], ["NRestarts": .uint32(3)])?.verdict == .warning)
    }

    @Test("warns without a watchdog, without a start at boot, and of a service that was not started")
    func warnings() {
        for never in [UInt64(0), .max] {
            #expect(Self.service([:], ["WatchdogUSec": .uint64(never)])?.detail.contains("no watchdog") == true)
        }
        let disabled: [String: BusValue] = ["UnitFileState": .string("disabled")]
        #expect(Self.service(disabled)?.remedy == "sudo systemctl enable station-agent")
        let socket: [String: BusValue] = ["TriggeredBy": .strings(["station-agent.socket"])]
        #expect(Self.service(disabled.merging(socket) { $1 })?.verdict == .ok)
        let inactive: [String: BusValue] = ["ActiveState": .string("inactive")]
        #expect(Self.service(inactive)?.remedy == "sudo systemctl enable --now station-agent")
        #expect(Self.service(inactive, isRunning: true)?.verdict == .ok)
        #expect(Self.service(inactive.merging(socket) { $1 })?.verdict == .ok)
    }

    // MARK: The daemon

    @Test("what the daemon complains of is repeated, and an old one that still runs is named")
    func health() {
        let version = JSONValue.string(AgentVersion.text)
        let well = Doctor.check(health: ["version": version, "checks": ["mqtt": ["status": "ok", "detail": "x"]]])
        #expect(well.verdict == .ok)
        let ill = Doctor.check(
            health: ["version": version, "checks": ["cloud": ["status": "degraded", "detail": "no answer"]]])
        #expect(ill.verdict == .warning)
        #expect(ill.detail.contains("cloud: no answer"))
        let old = Doctor.check(health: ["version": "0.0.1", "checks": [:]])
        #expect(old.remedy == "sudo systemctl restart station-agent")
    }
}
