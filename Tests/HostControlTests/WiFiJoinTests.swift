import HostControl
import StationCore
import StationTestSupport
import Testing

// One after the other: each has a bus and a program of its own.
@Suite("Joining a Wi-Fi network", .serialized)
struct WiFiJoinTests {
    typealias Fixture = NetworkFixture

    @Test("ends with an address and a profile that lasts")
    func join() async throws {
        try await Fixture.run { fixture in
            let status = try await fixture.join("Casa").get()
            #expect(status.state == .connected)
            #expect(status.network?.ssid == Array("Casa".utf8))
            #expect(status.network?.isJoined == true)
            #expect(status.addresses.first == "192.168.50.7/24")
            let profile = try await fixture.profile("Casa")
            #expect(profile["disk"] == true)
            #expect(profile["secrets"]?["psk"]?.stringValue == Fixture.password)
            #expect(profile["connection"]?["autoconnect"] == true)
            #expect(profile["connection"]?["autoconnect-retries"] == 0)
            #expect(profile["802-11-wireless"]?["powersave"] == 2)
            #expect(profile["802-11-wireless"]?["ssid"]?.stringValue == "43617361")
            #expect(profile["802-11-wireless"]?["hidden"] == nil)
            #expect(profile["802-11-wireless-security"]?["key-mgmt"]?.stringValue == "wpa-psk")
            #expect(try await fixture.names() == ["Home", "Casa"])
            #expect(try await fixture.up() == profile["connection"]?["uuid"]?.stringValue)
        }
    }

    @Test("keeps its profile in memory until it has an address")
    func memory() async throws {
        try await Fixture.run(points: [["ssid": "Casa", "join": "no-address"]]) { fixture in
            let wifi = WiFiCredentials(ssid: Array("Casa".utf8), password: Secret(Fixture.password))
            let control = fixture.control
            let task = Task { try await control.join(wifi) }
            try await fixture.host.wait("it is on its way") { try await fixture.names().count == 2 }
            #expect(try await fixture.profile("Casa")["disk"] == false)
            task.cancel()
            await #expect(throws: HostFault.self) { try await Self.end(task, fixture) }
            // As if it had never been.
            #expect(try await fixture.names() == ["Home"])
            #expect(try await fixture.up() == "home")
        }
    }

    private static func end(_ task: Task<WiFiStatus, any Error>, _ fixture: NetworkFixture) async throws {
        try await fixture.host.wait("the earlier connection is up") { try await fixture.up() == "home" }
        let isDone = Locked(false)
        let watch = Task {
            _ = await task.result
            isDone.withLock { $0 = true }
        }
        try await fixture.host.wait("the join ends") { isDone.withLock { $0 } }
        await watch.value
        _ = try await task.value
    }

    @Test(
        "takes each kind of network",
        arguments: [
            ("wpa3", Fixture.password, "sae"), ("mixed", Fixture.password, "wpa-psk"), ("open", "", nil),
            ("owe", "", "owe"),
        ])
    func security(name: String, password: String, key: String?) async throws {
        try await Fixture.run(points: [["ssid": "Casa", "security": .string(name)]]) { fixture in
            #expect(try await fixture.join("Casa", password).get().state == .connected)
            let security = try await fixture.profile("Casa")["802-11-wireless-security"]
            #expect(security?["key-mgmt"]?.stringValue == key)
        }
    }

    @Test("finds one that hides its name, and one that a scan must find first")
    func unseen() async throws {
        try await Fixture.run(points: [["ssid": "Casa", "hidden": true]]) { fixture in
            let status = try await fixture.join("Casa").get()
            #expect(status.state == .connected)
            #expect(try await fixture.profile("Casa")["802-11-wireless"]?["hidden"] == true)
        }
        try await Fixture.run(["heard": [], "air": [["ssid": "Casa"]]]) { fixture in
            let status = try await fixture.join("Casa").get()
            #expect(status.state == .connected)
            #expect(try await fixture.profile("Casa")["802-11-wireless"]?["hidden"] == nil)
        }
    }

    @Test("replaces older profiles of the same network, and no others")
    func replacement() async throws {
        let profiles: JSONValue = [
            ["ssid": "Casa", "uuid": "old", "password": "old password"], Fixture.home,
            ["ssid": "Casa", "uuid": "own", "mode": "ap"], ["ssid": "Casa", "uuid": "stick", "interface": "wlan1"],
        ]
        let heard: JSONValue = [["ssid": "Casa"], ["ssid": "Home"]]
        try await Fixture.run(["profiles": profiles, "up": "Home", "heard": heard]) { fixture in
            let failure = try await fixture.failure("Casa", "wrong wrong")
            #expect(failure.reason == .wrongPassword)
            var uuids = try await fixture.profiles().compactMap { $0["connection"]?["uuid"]?.stringValue }
            #expect(uuids == ["old", "home", "own", "stick"])
            _ = try await fixture.join("Casa").get()
            uuids = try await fixture.profiles().compactMap { $0["connection"]?["uuid"]?.stringValue }
            #expect(uuids.prefix(3) == ["home", "own", "stick"])
            #expect(uuids.count == 4)
        }
    }

    @Test("works with a NetworkManager that knows nothing of memory")
    func oldManager() async throws {
        try await Fixture.run { fixture in
            try await fixture.manager.tell(["lacks": ["AddAndActivateConnection2"]])
            #expect(try await fixture.join("Casa").get().state == .connected)
            #expect(try await fixture.manager.calls("Save").isEmpty)
            #expect(try await fixture.profile("Casa")["disk"] == true)
        }
    }

    @Test("stands though its profile cannot be made to last, and then the older one stays")
    func unsaved() async throws {
        let profiles: JSONValue = [["ssid": "Casa", "uuid": "old"]]
        try await Fixture.run(["profiles": profiles, "heard": [["ssid": "Casa"]]]) { fixture in
            let name = "org.freedesktop.NetworkManager.Settings.Failed"
            try await fixture.manager.tell(["fail": ["Save": [[.string(name), "read-only file system"]]]])
            #expect(try await fixture.join("Casa").get().state == .connected)
            #expect(try await fixture.names() == ["Casa", "Casa"])
        }
    }

    @Test("happens one at a time")
    func oneAtATime() async throws {
        try await Fixture.run(points: [["ssid": "Casa", "join": "stuck"]]) { fixture in
            let control = fixture.control
            let wifi = WiFiCredentials(ssid: Array("Casa".utf8), password: Secret(Fixture.password))
            let first = Task { try await control.join(wifi) }
            try await fixture.host.wait("it is on its way") { try await fixture.names().count == 2 }
            let join = Fixture.fault(try await fixture.join("Casa"))
            #expect(join == .busy)
            let scan = Fixture.fault(try await fixture.scan())
            #expect(scan == .busy)
            await #expect(throws: HostFault.self) { try await Self.end(first, fixture) }
            let again = try await fixture.scan().get()
            #expect(!again.isEmpty)
        }
    }
}
