import Foundation
import StationCore
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("A support archive")
struct SupportBundleTests {
    private static let secrets = [
        "JWT_SECRET": "a-key-of-more-than-thirty-two-bytes", "AGENT_TOKEN": "agent-token-5511",
        "MQTT_PASSWORD": "broker-password-5512", "PROVISIONING_WIFI_PASSWORD": "wifi-password-5513",
        "SMTP_URL": "smtps://mailer:mail-password-5514@mail.example.org",
    ]
    private static let environment = secrets.merging([
        "MQTT_USER": "station", "SMTP_FROM": "station@example.org", "MQTT_URL": "mqtt://127.0.0.1:1", "PORT": "1",
        "PROVISIONING_WIFI_SSID": "Casa",
    ]) { $1 }
    private static let hash = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
    private static let deviceToken = "Zk3vT0qv7m1m2Jr8yqg1uQnQw0c6fZx4Yb9Lh5Pd8sE"

    /// What must not be in any archive, in any spelling that was given.
    private static var forbidden: [String] {
        Self.secrets.values + ["mail-password-5514", Self.hash, Self.deviceToken, "someone@example.org"]
    }

    /// A program that says more than it should.
    private static let journal = """
        #!/bin/sh
        cat <<'END'
        a line that helps
        password \(Self.secrets["MQTT_PASSWORD"] ?? "") wifi \(Self.secrets["PROVISIONING_WIFI_PASSWORD"] ?? "")
        hash \(Self.hash) device \(Self.deviceToken) from someone@example.org
        END
        """

    private static func unpack(_ path: String, in directory: TemporaryDirectory) async throws -> [String: String] {
        let folder = directory.path("unpacked")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let tar = try await ChildProcess(
            "/usr/bin/tar", ["-xf", path, "-C", folder], output: directory.url.appending(path: "tar.log"))
        try await eventually("tar ends") { tar.exitCode != nil }
        try #require(tar.exitCode == 0, "\(tar.output)")
        #expect(tar.output.isEmpty)
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/station-support") {
            files[name] = try String(contentsOfFile: "\(folder)/station-support/\(name)", encoding: .utf8)
        }
        return files
    }

    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("holds what helps and no secret of any kind, for its owner alone, and is written over nothing")
    func whole() async throws {
        let files = [
            "/usr/bin/journalctl": Self.journal, "/etc/os-release": "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n",
            "/sys/class/net/wlan0/operstate": "up\n", "/sys/class/net/wlan0/wireless/x": "",
            "/var/lib/dpkg/status": "Package: bluez\nStatus: x\nVersion: 5.82-1\n\nPackage: zsh\nVersion: 5.9\n",
        ]
        try await HostTree.run(files) { tree in
            let program = "\(tree.files.root)/usr/bin/journalctl"
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
            let doctor = try tree.doctor(environment: Self.environment)
            var report = DoctorReport()
            report.checks = [.warning("x", "said \(Self.deviceToken)", remedy: "y")]
            let path = tree.directory.path("support.tar")
            let bundle = SupportBundle(doctor: doctor, clock: SystemStationClock())
            let size = try await bundle.write(to: path, report)
            #expect(try Data(contentsOf: URL(filePath: path)).count == size)
            #expect(size % 512 == 0)
            #expect(try Self.mode(path) == 0o600)
            try Self.check(try await Self.unpack(path, in: tree.directory))

            let before = try Data(contentsOf: URL(filePath: path))
            await #expect(throws: StorageError.self) { _ = try await bundle.write(to: path, report) }
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    private static func check(_ files: [String: String]) throws {
        #expect(
            Set(files.keys) == [
                "doctor.json", "configuration.txt", "versions.json", "store.json", "network.json", "health.json",
                "metrics.txt", "log.txt",
            ])
        let all = files.values.joined(separator: "\n")
        for secret in Self.forbidden { #expect(!all.contains(secret), "\(secret)") }
        #expect(files["log.txt"]?.contains("a line that helps") == true)
        #expect(files["log.txt"]?.contains("password •••") == true)
        #expect(files["health.json"]?.hasPrefix("not fetched: ") == true)
        #expect(files["configuration.txt"]?.contains("Casa") == true)
        let versions = try JSONValue.parse(files["versions.json"] ?? "")
        #expect(versions["packages"] == ["bluez": "5.82-1"])
        let network = try JSONValue.parse(files["network.json"] ?? "")
        #expect(network["interfaces"]?.arrayValue?.first?["isWireless"] == true)
    }

    @Test("keeps the end of a log that is too long, and goes on without one")
    func bounds() async throws {
        let script = "#!/bin/sh\nyes 'a line of the log that is told again and again' | head -n 25000\necho the end\n"
        try await HostTree.run(["/usr/bin/journalctl": script]) { tree in
            let program = "\(tree.files.root)/usr/bin/journalctl"
            let bundle = SupportBundle(doctor: try tree.doctor(), clock: SystemStationClock())
            let path = tree.directory.path("one.tar")
            // It is not executable yet.
            _ = try await bundle.write(to: path, DoctorReport())
            #expect(try await Self.unpack(path, in: tree.directory)["log.txt"]?.hasPrefix("no log: ") == true)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
            let other = tree.directory.path("two.tar")
            let size = try await bundle.write(to: other, DoctorReport())
            #expect(size < 2 << 20)
            let log = try #require(try await Self.unpack(other, in: tree.directory)["log.txt"])
            #expect((1_000_000...1 << 20).contains(log.utf8.count))
            #expect(log.hasPrefix("a line of the log that"))
            #expect(log.hasSuffix("the end\n"))
        }
    }

    @Test("a program that says nothing and does not end is ended")
    func patience() async throws {
        let command = CommandOutput(
            program: "/bin/sh", arguments: ["-c", "echo begun; exec sleep 600"], timeout: .milliseconds(500))
        #expect(try await command.read().get() == Array("begun\n".utf8))
        let missing = await CommandOutput(program: "/nonexistent", arguments: []).read()
        #expect(throws: CommandOutput.Fault.self) { try missing.get() }
    }
}
