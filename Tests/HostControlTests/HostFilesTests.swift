import Foundation
import StationCore
import StationTestSupport
import Testing

@testable import HostControl

@Suite("The kernel's files")
struct HostFilesTests {
    private static func files(
        _ contents: [String: String], _ body: (HostFiles) throws -> Void
    ) async throws {
        try await TemporaryDirectory.run { directory in
            for (path, text) in contents {
                let file = directory.url.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            try body(HostFiles(root: directory.url.path))
        }
    }

    @Test("of a Raspberry Pi tell all")
    func raspberryPi() async throws {
        let contents = [
            "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
            "sys/class/thermal/thermal_zone0/temp": "48312\n",
            "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
            "proc/meminfo": "MemTotal:        3884360 kB\nMemFree: 1 kB\nMemAvailable:    3021140 kB\n",
            "proc/uptime": "35431.25 140000.00\n",
            "etc/os-release": "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\n",
        ]
        try await Self.files(contents) { files in
            #expect(files.model == "Raspberry Pi 4 Model B Rev 1.4")
            #expect(files.temperature == 48.312)
            #expect(files.throttling?.now == [.underVoltage, .throttled])
            #expect(files.throttling?.sinceStart == [.underVoltage, .throttled])
            #expect(files.memory == HostSpace(total: 3_884_360 * 1024, available: 3_021_140 * 1024))
            #expect(files.uptime == .milliseconds(35_431_250))
            #expect(files.operatingSystem == "Debian GNU/Linux 12 (bookworm)")
        }
    }

    @Test("of a Raspberry Pi 5 have the firmware elsewhere")
    func firmware() async throws {
        let path = "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled"
        try await Self.files([path: "0x80000\n"]) { files in
            #expect(files.throttling?.now == [])
            #expect(files.throttling?.sinceStart == [.softTemperatureLimit])
        }
    }

    @Test("that are missing or not as expected tell nothing")
    func nothing() async throws {
        try await Self.files([:]) { files in Self.expectNothing(files) }
        let contents = [
            "proc/device-tree/model": "\0", "sys/class/thermal/thermal_zone0/temp": "hot\n",
            "sys/devices/platform/soc/soc:firmware/get_throttled": "no\n", "proc/meminfo": "MemTotal: 5\n",
            "proc/uptime": "-1\n", "etc/os-release": "PRETTY_NAME=\"\"\n",
        ]
        try await Self.files(contents) { files in Self.expectNothing(files) }
    }

    private static func expectNothing(_ files: HostFiles) {
        #expect(files.model == nil)
        #expect(files.temperature == nil)
        #expect(files.throttling == nil)
        #expect(files.memory == nil)
        #expect(files.uptime == nil)
        #expect(files.operatingSystem == nil)
    }

    @Test("of this machine tell of a file system and a kernel")
    func thisMachine() throws {
        let space = try #require(HostFiles.space(at: "/"))
        #expect(space.total > 0 && space.available <= space.total)
        #expect(HostFiles.space(at: "/nonexistent") == nil)
        let kernel = try #require(HostFiles.kernel)
        #expect(!kernel.release.isEmpty && !kernel.architecture.isEmpty)
    }
}
