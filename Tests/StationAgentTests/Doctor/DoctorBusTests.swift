import PollLoop
import StationCore
import StationTestSupport
import SystemBus
import Testing

@testable import StationAgent

@Suite("doctor on a real D-Bus")
struct DoctorBusTests {
    /// A service of the system with the properties of its objects, by interface.
    private static func play(
        _ name: String, _ objects: [String: [String: [String: BusValue]]], on bus: PrivateBus,
        isolation: isolated (any Actor)? = #isolation, _ body: (DoctorBus) async throws -> Void
    ) async throws {
        let loop = try LoopThread(name: "played")
        defer { loop.stop() }
        let connection = try await BusConnection.open(.address(bus.address), on: loop)
        let exports = try await Self.export(objects, on: connection)
        try await connection.requestName(name)
        let host = await DoctorBus.open(.address(bus.address))
        try await body(host)
        await host.close()
        await connection.close()
        #expect(exports.count == objects.count)
    }

    private static func export(
        _ objects: [String: [String: [String: BusValue]]], on connection: BusConnection
    ) async throws -> [BusExport] {
        var exports: [BusExport] = []
        for (path, interfaces) in objects {
            let export = try await connection.export(path: path) { request throws(BusError) in
                if request.member == "LoadUnit" { return [.objectPath("/unit")] }
                return [.properties(interfaces[request.arguments.first?.string ?? ""] ?? [:])]
            }
            exports.append(export)
        }
        // They are there as long as these are.
        return exports
    }

    @Test("NetworkManager's word is taken, and its absence noticed")
    func network() async throws {
        try await PrivateBus.run { bus in
            let properties: [String: BusValue] = [
                "Version": .string("1.42"), "State": .uint32(70), "Connectivity": .uint32(4),
                "PrimaryConnectionType": .string("802-3-ethernet"),
            ]
            let name = NetworkFacts.service
            try await HostTree.run { tree in
                let doctor = try tree.doctor()
                try await Self.play(name, ["/org/freedesktop/NetworkManager": [name: properties]], on: bus) { host in
                    let check = await doctor.examineNetwork(host)
                    #expect(check == .ok("network", "NetworkManager 1.42, by cable, the Internet answers"))
                }
                let host = await DoctorBus.open(.address(bus.address))
                #expect(await doctor.examineNetwork(host).remedy == "sudo apt install network-manager")
                await host.close()
            }
        }
    }

    @Test("systemd is asked for the agent's unit, where there is systemd")
    func service() async throws {
        let systemd = "org.freedesktop.systemd1"
        let unit: [String: [String: BusValue]] = [
            "\(systemd).Unit": ["LoadState": .string("loaded"), "ActiveState": .string("failed")],
            "\(systemd).Service": ["Result": .string("watchdog")],
        ]
        try await PrivateBus.run { bus in
            try await Self.play(systemd, ["/org/freedesktop/systemd1": [:], "/unit": unit], on: bus) { host in
                try await HostTree.run { tree in
                    let doctor = try tree.doctor()
                    #expect(await doctor.examineService(host) == nil)
                    try tree.write(["/run/systemd/system/x": ""])
                    let check = await doctor.examineService(host)
                    #expect(check?.verdict == .failed)
                    #expect(check?.detail.contains("watchdog") == true)
                }
            }
        }
    }

    @Test("the clock's service is asked, and a machine without it has a file")
    func clock() async throws {
        let name = "org.freedesktop.timedate1"
        let properties: [String: BusValue] = ["NTPSynchronized": .bool(false), "NTP": .bool(false)]
        let time = Timestamp(milliseconds: 1_790_000_000_000)
        try await PrivateBus.run { bus in
            try await HostTree.run { tree in
                let doctor = try tree.doctor()
                try await Self.play(name, ["/org/freedesktop/timedate1": [name: properties]], on: bus) { host in
                    let check = await doctor.examineClock(host, floor: nil, at: time)
                    #expect(check.remedy == "sudo timedatectl set-ntp true")
                }
                let host = await DoctorBus.open(.address(bus.address))
                try tree.write(["/run/systemd/timesync/synchronized": ""])
                let check = await doctor.examineClock(host, floor: nil, at: time)
                #expect(check.detail.hasSuffix("set by a time server"))
                await host.close()
            }
        }
    }
}
