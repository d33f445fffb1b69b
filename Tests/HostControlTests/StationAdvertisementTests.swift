import HostControl
import StationCore
import StationTestSupport
import SystemBus
import Testing

// One after the other: each has a bus and a program of its own.
@Suite("The announcement on the LAN", .serialized)
struct StationAdvertisementTests {
    /// A running advertisement with its fake Avahi.
    private struct Scene {
        let host: HostFixture
        let avahi: FakeServiceProcess
        let advertisement: StationAdvertisement

        /// Name, type, port and text of each service, in their order.
        func services() async throws -> [String] {
            let services = try await self.avahi.state()["services"]?.arrayValue ?? []
            return services.map { service in
                let text = (service["txt"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
                let words = [service["name"], service["type"]].map { $0?.stringValue ?? "" }
                return "\(words[0]) \(words[1]) \(Int(service["port"]?.doubleValue ?? 0)) \(text)"
            }
        }

        func waitUntil(announcedAs name: String?) async throws {
            try await self.host.wait("it is announced as \(name ?? "nothing")") {
                self.advertisement.establishedName == name
            }
        }
    }

    private static func run(_ settings: JSONObject = [:], _ body: (Scene) async throws -> Void) async throws {
        try await HostFixture.run { host in
            try await FakeServiceProcess.run(.avahi, on: host.bus, settings: settings) { avahi in
                try await Self.advertise(host) { advertisement in
                    try await body(Scene(host: host, avahi: avahi, advertisement: advertisement))
                }
                let rest = try await avahi.state()
                #expect(rest["groups"] == 0)
            }
        }
    }

    private static func advertise(
        _ host: HostFixture, _ body: (StationAdvertisement) async throws -> Void
    ) async throws {
        let announcement = StationAnnouncement(
            name: "Station", id: try #require(StationID("station-1")), version: "1.2.3", isClaimed: false,
            httpPort: 80, mqttPort: 1883)
        let advertisement = StationAdvertisement(
            announcement, bus: .address(host.bus.address), on: host.loop, clock: host.clock, logger: host.log.logger)
        let task = Task { await advertisement.run() }
        do {
            try await body(advertisement)
        } catch {
            task.cancel()
            await task.value
            throw error
        }
        task.cancel()
        await task.value
        #expect(advertisement.establishedName == nil)
    }

    private static let text = "id=station-1 version=1.2.3 claimed=0"

    @Test("has the station, its web and its broker, and is withdrawn at the end")
    func services() async throws {
        try await Self.run { scene in
            try await scene.waitUntil(announcedAs: "Station")
            #expect(
                try await scene.services() == [
                    "Station _station._tcp 80 \(Self.text)", "Station _http._tcp 80 \(Self.text)",
                    "Station _mqtt._tcp 1883 \(Self.text)",
                ])
        }
    }

    @Test("tells when the station is claimed, without announcing it anew")
    func claimed() async throws {
        try await Self.run { scene in
            try await scene.waitUntil(announcedAs: "Station")
            scene.advertisement.change { $0.isClaimed = true }
            try await scene.host.wait("the LAN is told") {
                try await scene.services().allSatisfy { $0.hasSuffix("claimed=1") }
            }
            #expect(try await scene.services().count == 3)
            #expect(try await scene.avahi.calls("Commit").count == 1)
            // The same once more is nothing.
            scene.advertisement.change { $0.isClaimed = true }
            scene.advertisement.change { $0.name = "Other" }
            try await scene.waitUntil(announcedAs: "Other")
            #expect(try await scene.avahi.calls("UpdateServiceTxt").count == 3)
            #expect(try await scene.avahi.calls("Commit").count == 2)
        }
    }

    @Test("follows ports and TLS")
    func ports() async throws {
        try await Self.run { scene in
            try await scene.waitUntil(announcedAs: "Station")
            scene.advertisement.change {
                $0.isSecure = true
                $0.httpPort = 443
                $0.mqttPort = nil
            }
            try await scene.host.wait("the LAN is told") {
                try await scene.services() == [
                    "Station _station._tcp 443 \(Self.text)", "Station _https._tcp 443 \(Self.text)",
                ]
            }
        }
    }

    @Test("takes another name where its own is taken, on the LAN or on this host")
    func collision() async throws {
        try await Self.run(["taken": ["Station", "Station #2"]]) { scene in
            try await scene.waitUntil(announcedAs: "Station #3")
            #expect(try await scene.services().count == 3)
        }
        try await Self.run(["ours": ["Station"]]) { scene in
            try await scene.waitUntil(announcedAs: "Station #2")
            // Somebody with the name comes later.
            try await scene.avahi.tell(["group": 3, "taken": ["Station #2"]])
            try await scene.waitUntil(announcedAs: "Station #3")
        }
    }

    @Test("is there again when Avahi is, and when the host has another name")
    func again() async throws {
        try await Self.run(["running": false]) { scene in
            try await scene.avahi.tell(["running": true])
            try await scene.waitUntil(announcedAs: "Station")
            try await scene.avahi.tell(["running": false])
            try await scene.waitUntil(announcedAs: nil)
            try await scene.avahi.tell(["running": true])
            try await scene.waitUntil(announcedAs: "Station")
            try await scene.avahi.tell(["server": 1])
            try await scene.waitUntil(announcedAs: nil)
            try await scene.avahi.tell(["server": 2])
            try await scene.waitUntil(announcedAs: "Station")
            #expect(try await scene.services().count == 3)
        }
    }

    @Test("waits for an Avahi that has no host name yet")
    func unsettled() async throws {
        try await Self.run(["server": 1]) { scene in
            try await scene.host.wait("Avahi is asked") { try await !scene.avahi.calls("GetState").isEmpty }
            #expect(try await scene.avahi.calls("EntryGroupNew").isEmpty)
            try await scene.avahi.tell(["server": 2])
            try await scene.waitUntil(announcedAs: "Station")
        }
    }

    @Test("is tried again after errors, silence and a failure of Avahi's own")
    func faults() async throws {
        let fail: JSONValue = ["AddService": [["org.freedesktop.Avahi.TooManyEntriesError", "Too many entries"]]]
        try await Self.run(["fail": fail]) { scene in
            try await scene.waitUntil(announcedAs: "Station")
            try await scene.avahi.tell(["group": 4, "silent": ["Commit"]])
            try await scene.host.wait("it is tried") { try await scene.avahi.calls("Commit").count == 2 }
            try await scene.waitUntil(announcedAs: nil)
            try await scene.avahi.tell(["silent": []])
            try await scene.waitUntil(announcedAs: "Station")
            #expect(try await scene.avahi.state()["groups"] == 1)
        }
    }

    @Test("comes back with the bus")
    func bus() async throws {
        try await HostFixture.run { host in
            await host.bus.stop()
            try await Self.advertise(host) { advertisement in
                try await host.bus.start()
                try await FakeServiceProcess.run(.avahi, on: host.bus) { avahi in
                    let scene = Scene(host: host, avahi: avahi, advertisement: advertisement)
                    try await scene.waitUntil(announcedAs: "Station")
                }
            }
        }
    }
}
