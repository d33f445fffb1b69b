import BLEProvision
import HostRadio
import StationCore
import StationTestSupport
import SystemBus
import Testing

@testable import StationAgent

@Suite("doctor on Bluetooth")
struct BluetoothFactsTests {
    private static let version = BluetoothDaemon.Version(major: 5, minor: 66)
    private static let address = "DC:A6:32:01:02:03"

    /// A Pi on which all is well.
    private static var well: BluetoothFacts {
        BluetoothFacts(
            survey: .controllers([
                BluetoothController(name: "hci0", address: Self.address, wiring: "UART", isUp: true)
            ]),
            block: .none,
            daemon: .running(version: Self.version, adapters: [Self.adapter(isPowered: true)]),
            isInstalled: true, kernel: KernelRelease("6.12.34+rpt-rpi-v8")
        )
    }

    private static func adapter(isPowered: Bool) -> BluetoothDaemon.Adapter {
        BluetoothDaemon.Adapter(name: "hci0", address: Self.address, isPowered: isPowered)
    }

    private static func checks(_ change: (inout BluetoothFacts) -> Void) -> [DoctorCheck] {
        var facts = Self.well
        change(&facts)
        return facts.checks
    }

    @Test("names the controller, BlueZ and the kernel where all is well")
    func well() {
        #expect(
            Self.well.checks == [
                .ok("bluetooth", "hci0 \(Self.address) (UART), up"), .ok("bluetoothd", "BlueZ 5.66"),
                .ok("kernel", "Linux 6.12.34+rpt-rpi-v8"),
            ])
    }

    @Test("tells a kernel without Bluetooth, no controller, and one that may not be asked for")
    func absence() {
        let none = Self.checks { ($0.survey, $0.daemon) = (.noBluetooth, .stopped) }
        let empty = Self.checks { ($0.survey, $0.daemon) = (.controllers([]), .stopped) }
        let denied = Self.checks { ($0.survey, $0.daemon) = (.failed("Operation not permitted"), .stopped) }
        for checks in [none, empty, denied] {
            #expect(checks.map(\.name) == ["bluetooth"])
            #expect(checks.map(\.verdict) == [.warning])
        }
        #expect(none[0].detail.hasPrefix("this kernel has no Bluetooth"))
        #expect(none[0].remedy?.hasPrefix("sudo modprobe bluetooth") == true)
        #expect(empty[0].detail.hasPrefix("no controller"))
        #expect(empty[0].remedy?.contains("sudo dmesg | grep -i bluetooth") == true)
        #expect(denied[0].detail.contains("Operation not permitted"))
    }

    @Test("tells a controller without bluetoothd from one without BlueZ, and both from no controller")
    func noDaemon() {
        let stopped = Self.checks { $0.daemon = .stopped }
        #expect(stopped.map(\.name) == ["bluetooth", "bluetoothd", "kernel"])
        #expect(stopped.map(\.verdict) == [.ok, .warning, .ok])
        #expect(stopped[1].remedy == "sudo systemctl enable --now bluetooth")
        let missing = Self.checks { ($0.daemon, $0.isInstalled) = (.stopped, false) }
        #expect(missing[1].remedy == "sudo apt install bluez")
        let mute = Self.checks { $0.daemon = .unknown("no such socket") }
        #expect(mute[1].verdict == .warning)
        #expect(mute[1].detail.contains("no such socket"))
    }

    @Test("says what lifts a block, and that a switch of the machine must be turned by hand")
    func blocks() {
        let soft = Self.checks { $0.block = .soft }[0]
        #expect(soft.verdict == .warning)
        #expect(soft.remedy == "sudo rfkill unblock bluetooth")
        let hard = Self.checks { $0.block = .hard }[0]
        #expect(hard.verdict == .warning)
        #expect(hard.remedy?.contains("switch") == true)
    }

    @Test("warns of an adapter that is off, of one that bluetoothd does not have, and of an old BlueZ")
    func daemonFaults() {
        let off = Self.checks { $0.daemon = .running(version: nil, adapters: [Self.adapter(isPowered: false)]) }
        #expect(off[0].remedy == "bluetoothctl power on")
        let lost = Self.checks { $0.daemon = .running(version: nil, adapters: []) }
        #expect(lost[1].remedy?.hasPrefix("sudo systemctl restart bluetooth") == true)
        for (minor, verdict) in [(54, DoctorCheck.Verdict.warning), (55, .ok)] {
            let version = BluetoothDaemon.Version(major: 5, minor: minor)
            let checks = Self.checks {
                $0.daemon = .running(version: version, adapters: [Self.adapter(isPowered: true)])
            }
            #expect(checks[1].verdict == verdict, "\(version)")
        }
    }

    @Test(
        "warns of kernel 6.1 alone, with what brings another one",
        arguments: [
            ("6.1.0-56-amd64", "linux-image-6.12-"), ("6.1.21-v8+", "full-upgrade"),
            ("6.1.0-rpi8-rpi-v8", "full-upgrade"),
            ("6.12.117-amd64", nil), ("6.10.3", nil), ("5.15.84-v8+", nil), ("6.18.1", nil), ("16.1.2", nil),
        ] as [(String, String?)])
    func kernels(release: String, remedy: String?) throws {
        let check = try #require(Self.checks { $0.kernel = KernelRelease(release) }.last)
        #expect(check.detail.contains("Linux \(release)"))
        #expect(check.verdict == (remedy == nil ? .ok : .warning))
        if let remedy { #expect(check.remedy?.contains(remedy) == true, "\(check)") }
        // Without a radio it is nobody's business.
        let without = Self.checks {
            ($0.survey, $0.daemon, $0.kernel) = (.noBluetooth, .stopped, KernelRelease(release))
        }
        #expect(!without.contains { $0.name == "kernel" })
    }

    @Test("reads BlueZ's version where BlueZ itself says it, and nowhere else")
    func versions() {
        #expect(BluetoothDaemon.version(modalias: "usb:v1D6Bp0246d0542") == Self.version)
        for other in ["usb:v1D6Bp0247d0542", "usb:v1D6Bp0246d054", "usb:v1D6Bp0246d05420", "usb:v1D6Bp0246dxxxx", ""] {
            #expect(BluetoothDaemon.version(modalias: other) == nil, "\(other)")
        }
    }

    @Test("asks over D-Bus: BlueZ with an adapter, without one, gone, and no bus at all")
    func asking() async throws {
        try await PrivateBus.run { bus in
            try await FakeBlueZProcess.run(on: bus) { bluez in
                #expect(
                    await Self.ask(bus)
                        == .running(
                            version: Self.version,
                            adapters: [.init(name: "hci0", address: "B8:27:EB:00:00:01", isPowered: true)]))
                try await bluez.tell(["do": "adapter", "present": false])
                #expect(await Self.ask(bus) == .running(version: nil, adapters: []))
                try await bluez.tell(["do": "bluetoothd", "running": false])
                #expect(await Self.ask(bus) == .stopped)
            }
            await bus.stop()
            guard case .unknown = await Self.ask(bus) else {
                Issue.record("a bus that is gone has told something")
                return
            }
        }
    }

    private static func ask(_ bus: PrivateBus) async -> BluetoothDaemon {
        let host = await DoctorBus.open(.address(bus.address))
        let daemon = await BluetoothDaemon.ask(host)
        await host.close()
        return daemon
    }
}
