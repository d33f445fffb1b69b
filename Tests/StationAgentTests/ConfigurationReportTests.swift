import Foundation
import Logging
import StationCore
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("The effective configuration")
struct ConfigurationReportTests {
    @Test("is shown with values and origins, secrets masked")
    func report() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let secrets = ["MQTT_PASSWORD", "PROVISIONING_WIFI_PASSWORD", "JWT_SECRET", "AGENT_TOKEN"]
            for name in secrets { fixture.environment[name] = "hunter2-\(name)-0123456789abcdef-xyz" }
            fixture.environment["SMTP_URL"] = "smtp://me:hunter2@mail.example"
            fixture.environment["SMTP_FROM"] = "me@mail.example"
            fixture.environment["MQTT_USER"] = "station"
            let configuration = try fixture.load(yaml: "station:\n  name: Attic\n")
            let text = EffectiveConfigurationReport(configuration).description
            let lines = text.split(separator: "\n")
            #expect(lines.count == ConfigurationCatalogue.rows.count + 1)
            #expect(lines[0].split(separator: " ") == ["SETTING", "VALUE", "FROM"])
            func columns(_ path: String) -> [String] {
                let line = lines.first { $0.hasPrefix(path + " ") } ?? ""
                return line.split(separator: "  ", omittingEmptySubsequences: true).map { $0.trimmed }
            }
            #expect(columns("station.name") == ["station.name", "Attic", "\(fixture.filePath), line 2"])
            #expect(columns("http.port") == ["http.port", "3000", "the default"])
            #expect(columns("jwt.secret") == ["jwt.secret", "•••", "the environment variable JWT_SECRET"])
            #expect(columns("smtp.url")[1] == "smtp://•••@mail.example:587")
            #expect(!text.contains("hunter2"))
            var dumped = ""
            dump(configuration, to: &dumped)
            dumped += "\(configuration)" + String(reflecting: configuration)
            #expect(!dumped.contains("hunter2"))
        }
    }

    @Test("read again, tells what changed at once and what waits for a restart")
    func reload() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let old = try fixture.load(yaml: "log: {level: info}\nhttp: {port: 3000}\n")
            let same = try fixture.load(yaml: "http:\n  port: 3000\n")
            #expect(same.changes(since: old).isEmpty)
            #expect(same.live == old.live)
            let new = try fixture.load(
                yaml: """
                    log: {level: debug}
                    http: {port: 3001, corsOrigins: [https://a.example]}
                    provisioning: {wifiSsid: net, wifiPassword: password1}
                    """)
            let changes = new.changes(since: old)
            #expect(
                changes.live.map(\.path)
                    == ["http.corsOrigins", "provisioning.wifiSsid", "provisioning.wifiPassword", "log.level"])
            #expect(changes.atRestart.map(\.path) == ["http.port", "http.publicUrl"])
            #expect(new.live.logLevel == .debug)
            #expect(new.live.corsOrigins == ["https://a.example"])
            #expect(new.live.wifiPassword?.revealed == "password1")
            let other = try fixture.load(
                yaml: """
                    log: {level: debug}
                    http: {port: 3001, corsOrigins: [https://a.example]}
                    provisioning: {wifiSsid: net, wifiPassword: password2}
                    """)
            #expect(other.changes(since: new).live.map(\.path) == ["provisioning.wifiPassword"])
        }
    }

    @Test("a reload with a fault throws and leaves the old one in force")
    func badReload() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            _ = try fixture.load(yaml: "log: {level: info}\n")
            #expect(throws: ConfigurationErrors.self) { try fixture.load(yaml: "log: {level: loud}\n") }
        }
    }
}
