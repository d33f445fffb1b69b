import HostControl
import StationCore
import StationTestSupport
import Testing

// One after the other: each has a bus and a program of its own.
@Suite("Power saving of the Wi-Fi", .serialized)
struct PowerSaveTests {
    typealias Fixture = NetworkFixture

    private static let saving: JSONValue = ["ssid": "Home", "uuid": "home", "powersave": 3]

    private static func isOff(_ name: String, _ fixture: Fixture) async throws -> Bool {
        try await fixture.profile(name)["802-11-wireless"]?["powersave"] == 2
    }

    /// Runs host control while `body` looks at it.
    private static func running(_ fixture: Fixture, _ body: () async throws -> Void) async throws {
        let control = fixture.control
        let task = Task { await control.run() }
        do {
            try await body()
        } catch {
            task.cancel()
            await task.value
            throw error
        }
        task.cancel()
        await task.value
    }

    @Test("is turned off at the start, and the password stays")
    func start() async throws {
        try await Fixture.run(["profiles": [Self.saving], "up": "Home", "heard": [["ssid": "Home"]]]) { fixture in
            try await Self.running(fixture) {
                try await fixture.host.wait("it is off") { try await Self.isOff("Home", fixture) }
            }
            let profile = try await fixture.profile("Home")
            #expect(profile["secrets"]?["psk"]?.stringValue == Fixture.password)
            #expect(profile["802-11-wireless"]?["ssid"]?.stringValue == "486f6d65")
            #expect(profile["connection"]?["uuid"]?.stringValue == "home")
            // The connection that is up is left alone.
            #expect(try await fixture.manager.calls("ActivateConnection").isEmpty)
            #expect(try await fixture.up() == "home")
        }
    }

    @Test("is turned off in what comes up later, and when NetworkManager comes later")
    func later() async throws {
        let other: JSONValue = ["ssid": "Casa", "uuid": "casa", "powersave": 0]
        let settings: JSONObject = ["profiles": [Self.saving, other], "up": "Home", "running": false]
        try await Fixture.run(settings) { fixture in
            try await Self.running(fixture) {
                try await fixture.manager.tell(["running": true])
                try await fixture.host.wait("it is off") { try await Self.isOff("Home", fixture) }
                #expect(try await !Self.isOff("Casa", fixture))
                try await fixture.manager.tell(["up": "Casa"])
                try await fixture.host.wait("it is off there, too") { try await Self.isOff("Casa", fixture) }
            }
        }
    }

    @Test("is turned off by the means of an older NetworkManager, and not again where it is off")
    func means() async throws {
        try await Fixture.run(["profiles": [Self.saving], "up": "Home", "lacks": ["Update2"]]) { fixture in
            try await Self.running(fixture) {
                try await fixture.host.wait("it is off") { try await Self.isOff("Home", fixture) }
                try await fixture.manager.tell(["up": "Home"])
                try await fixture.host.wait("it is looked at again") {
                    try await fixture.manager.calls("GetSettings").count >= 2
                }
            }
            #expect(try await fixture.manager.calls("Update").count == 1)
        }
    }

    @Test("that may not be turned off is said, and ends nothing")
    func refused() async throws {
        let name = "org.freedesktop.NetworkManager.Settings.PermissionDenied"
        let fail: JSONValue = ["Update2": [[.string(name), "no"]]]
        try await Fixture.run(["profiles": [Self.saving], "up": "Home", "fail": fail]) { fixture in
            try await Self.running(fixture) {
                try await fixture.host.wait("it is said") {
                    !fixture.host.log.lines("power saving of the Wi-Fi could not be turned off").isEmpty
                }
                try await fixture.manager.tell(["up": "Home"])
                try await fixture.host.wait("it is off") { try await Self.isOff("Home", fixture) }
            }
        }
    }

    @Test("goes on being turned off after the bus was restarted")
    func busRestart() async throws {
        try await HostFixture.run { host in
            let control = host.network()
            let task = Task { await control.run() }
            try await host.wait("it follows NetworkManager") { host.clock.sleeperCount == 0 }
            try await host.bus.restart()
            let settings: JSONObject = ["profiles": [Self.saving], "up": "Home"]
            try await FakeServiceProcess.run(.networkManager, on: host.bus, settings: settings) { manager in
                try await host.wait("it is off") {
                    let profile = try await manager.state()["profiles"]?.arrayValue?.first
                    return profile?["802-11-wireless"]?["powersave"] == 2
                }
            }
            task.cancel()
            await task.value
        }
    }
}
