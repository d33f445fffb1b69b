import StationTestSupport
import Testing

@testable import StationAgent

@Suite("doctor on the machine")
struct MachineTests {
    private static let pi = [
        "/proc/meminfo": "MemTotal:        948280 kB\nMemFree:  1 kB\nMemAvailable:    512000 kB\n",
        "/sys/class/thermal/thermal_zone0/temp": "51540\n",
        "/sys/devices/platform/soc/soc:firmware/get_throttled": "0\n",
        "/sys/fs/ext4/mmcblk0p2/errors_count": "0\n", "/sys/fs/ext4/mmcblk0p2/lifetime_write_kbytes": "20971520\n",
    ]

    private static func checks(_ changes: [String: String]) async throws -> [String: DoctorCheck] {
        var found: [String: DoctorCheck] = [:]
        try await HostTree.run(Self.pi.merging(changes) { $1 }) { tree in
            for check in try tree.doctor().examineMachine() { found[check.name] = check }
        }
        return found
    }

    @Test("a Pi that is well, and a machine that tells nothing")
    func well() async throws {
        let checks = try await Self.checks([:])
        #expect(
            checks == [
                "memory": .ok("memory", "500 MiB free of 926"), "temperature": .ok("temperature", "51 °C"),
                "power": .ok("power", "the supply holds its voltage"),
                "storage": .ok("storage", "mmcblk0p2 has taken 20 GiB of writes"),
            ])
        try await HostTree.run { tree in
            let doctor = try tree.doctor()
            #expect(doctor.examineMachine().isEmpty)
        }
    }

    @Test(
        "reads what the Pi's firmware says of voltage and heat",
        arguments: [
            ("50005", DoctorCheck.Verdict.failed, "too low now"), ("1", .failed, "too low now"),
            ("50000", .warning, "has been too low"), ("4", .warning, "too hot"), ("8", .warning, "too hot"),
            ("40000", .warning, "has been slowed down"), ("0", .ok, "holds"),
        ])
    func power(flags: String, verdict: DoctorCheck.Verdict, words: String) async throws {
        let path = "/sys/devices/platform/soc/soc:firmware/get_throttled"
        let check = try #require(try await Self.checks([path: "\(flags)\n"])["power"])
        #expect(check.verdict == verdict)
        #expect(check.detail.contains(words))
        #expect((check.remedy == nil) == (verdict == .ok))
    }

    @Test("takes the word of Debian's driver where the firmware's is not there")
    func voltageSensor() async throws {
        let files = ["/sys/class/hwmon/hwmon1/name": "rpi_volt\n", "/sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"]
        try await HostTree.run(files) { tree in
            let doctor = try tree.doctor()
            #expect(doctor.examineMachine().map(\.verdict) == [.failed])
        }
    }

    @Test("warns of little memory, of heat, of faults of the file system, and of storage that is worn")
    func warnings() async throws {
        let checks = try await Self.checks([
            "/proc/meminfo": "MemTotal: 948280 kB\nMemAvailable: 40000 kB\n",
            "/sys/class/thermal/thermal_zone0/temp": "81000\n", "/sys/fs/ext4/mmcblk0p2/errors_count": "3\n",
        ])
        for name in ["memory", "temperature", "storage"] { #expect(checks[name]?.verdict == .warning, "\(name)") }
        #expect(checks["storage"]?.detail.contains("3 faults") == true)
        let life = "/sys/block/mmcblk1/device/life_time"
        #expect(try await Self.checks([life: "0x02 0x01\n"])["storage"]?.verdict == .ok)
        let worn = try await Self.checks([life: "0x0b 0x01\n"])["storage"]
        #expect(worn?.verdict == .warning)
        #expect(worn?.detail.contains("100 %") == true)
    }
}
