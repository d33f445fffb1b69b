import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("What the station keeps for provisioning")
struct KeptWiFiTests {
    private static let password = "a password for Wi-Fi"
    private static let settings: HubSettings = {
        var settings = HubSettings()
        settings.loginKey = Secret("the station's own key")
        return settings
    }()

    private static func value(in station: TestStation) throws -> Int {
        try station.count("settings", where: "key = 'provisioning.wifi' AND value <> 'null'")
    }

    @Test("The Wi-Fi network outlives a restart, whatever bytes its name is of, and is among no settings")
    func keeping() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            #expect(try await station.hub.keptWiFi() == nil)
            let wifi = WiFiCredentials(ssid: [0xFF, 0x00, 0x22, 0xC3], password: Secret(Self.password))
            try await station.hub.keepWiFi(wifi)
            #expect(try await station.hub.keptWiFi() == wifi)
            #expect(try await station.hub.settings().isEmpty)
            let again = try await station.restarted()
            #expect(try await again.hub.keptWiFi() == wifi)
            let open = WiFiCredentials(ssid: Array("Café".utf8), password: Secret(""))
            try await again.hub.keepWiFi(open)
            #expect(try await again.hub.keptWiFi() == open && open.shownSSID == "Café")
            try await again.hub.keepWiFi(nil)
            #expect(try await again.hub.keptWiFi() == nil)
            #expect(try Self.value(in: again) == 0)
        }
    }

    @Test("Neither its name nor its password is in the file")
    func sealed() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            let ssid = Array("Name of the network".utf8)
            try await station.hub.keepWiFi(WiFiCredentials(ssid: ssid, password: Secret(Self.password)))
            #expect(try Self.value(in: station) == 1)
            let again = try await station.restarted()
            for suffix in ["", "-wal"] {
                let bytes = FileManager.default.contents(atPath: again.path + suffix) ?? Data()
                #expect(bytes.range(of: Data(Self.password.utf8)) == nil)
                #expect(bytes.range(of: Data(ssid)) == nil)
                #expect(bytes.range(of: Data(Data(ssid).base64EncodedString().utf8)) == nil)
            }
        }
    }

    @Test("One that was closed with another key, or is damaged, counts as none")
    func anotherKey() async throws {
        try await TestStation.run(settings: Self.settings) { station in
            try await station.hub.keepWiFi(WiFiCredentials(ssid: [1], password: Secret(Self.password)))
            // It has no key at all.
            let other = try await station.commandLine()
            #expect(try await other.keptWiFi() == nil)
            for damage in ["'\"AAAA\"'", "'\"no base 64\"'", "'7'", "'{}'"] {
                try station.execute("UPDATE settings SET value = \(damage) WHERE key = 'provisioning.wifi'")
                #expect(try await station.hub.keptWiFi() == nil, "\(damage)")
            }
        }
    }

    @Test("To which devices there is a connection is still known after the agent was killed")
    func links() async throws {
        try await TestStation.run { station in
            #expect(try await station.hub.rememberedLinks() == [])
            try await station.hub.rememberLink("/org/bluez/hci0/dev_1")
            try await station.hub.rememberLink("/org/bluez/hci0/dev_2")
            try await station.hub.rememberLink("/org/bluez/hci0/dev_1")
            let again = try await station.restarted(flushing: false)
            #expect(try await again.hub.rememberedLinks() == ["/org/bluez/hci0/dev_1", "/org/bluez/hci0/dev_2"])
            try await again.hub.forgetLink("/org/bluez/hci0/dev_1")
            try await again.hub.forgetLink("/org/bluez/hci0/dev_3")
            #expect(try await again.hub.rememberedLinks() == ["/org/bluez/hci0/dev_2"])
        }
    }

    @Test(
        "A password is empty, 8–63 characters that can be printed or 64 hexadecimal digits; a name 1–32 bytes",
        arguments: [
            ("", true), ("1234567", false), ("12345678", true), (String(repeating: "x", count: 63), true),
            (String(repeating: "x", count: 64), false), (String(repeating: "aF", count: 32), true),
            (String(repeating: "0", count: 65), false), ("Größe über alles", true), ("pass\u{0}word", false),
            ("password\n", false), ("password\u{7F}", false),
        ]
    )
    func rules(password: String, isGood: Bool) {
        #expect(WiFiCredentials.isPassword(Secret(password)) == isGood)
        #expect(!WiFiCredentials.isSSID([]) && WiFiCredentials.isSSID([0]))
        #expect(WiFiCredentials.isSSID(Array(repeating: 0xFF, count: 32)))
        #expect(!WiFiCredentials.isSSID(Array(repeating: 65, count: 33)))
    }
}
