import Foundation
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("The table of settings")
struct ConfigurationTableTests {
    /// The table of contract 7 and the keys that other parts of the contract name: environment, file key, default.
    static let contract: [(environment: String, path: String, defaultText: String)] = [
        ("STATION_ID", "station.id", "made at the first start (UUID), kept"),
        ("STATION_NAME", "station.name", "Station"),
        ("DATA_DIR", "data.dir", "/var/lib/station-agent"),
        ("HOST", "http.host", "0.0.0.0"),
        ("PORT", "http.port", "3000"),
        ("TLS_CERT_FILE", "http.tls.certFile", "none: plain HTTP"),
        ("TLS_KEY_FILE", "http.tls.keyFile", "none: plain HTTP"),
        ("BACKEND_PUBLIC_URL", "http.publicUrl", "http://<hostname>.local[:port]"),
        ("CORS_ORIGINS", "http.corsOrigins", "none"),
        ("MQTT_URL", "mqtt.url", "mqtt://127.0.0.1:1883"),
        ("MQTT_USER", "mqtt.user", "none"),
        ("MQTT_PASSWORD", "mqtt.password", "none"),
        ("MQTT_CA_FILE", "mqtt.caFile", "none: the authorities of the system"),
        ("MQTT_PUBLIC_HOST", "mqtt.publicHost", "<hostname>.local"),
        ("MQTT_PUBLIC_PORT", "mqtt.publicPort", "1883"),
        ("MQTT_LEGACY_DEVICES", "mqtt.legacyDevices", "false"),
        ("MQTT_POLICY_FILE", "mqtt.policyFile", "/etc/station-agent/mqtt-policy.json"),
        ("MQTT_CREDENTIALS_TTL", "mqtt.credentialsTtl", "1d"),
        ("MQTT_AUTH_ALLOW", "mqtt.authAllow", "none"),
        ("MQTT_JWT_ISSUER", "mqtt.jwtIssuer", "none: the station's own tokens only"),
        ("MQTT_JWT_AUDIENCE", "mqtt.jwtAudience", "any"),
        ("MQTT_JWKS_URL", "mqtt.jwksUrl", "none"),
        ("MQTT_JWKS_FILE", "mqtt.jwksFile", "none"),
        ("PROVISIONING_SERVICE_UUID", "provisioning.serviceUuid", "12c158d5-220f-4be9-b46a-a235f44c412a"),
        (
            "PROVISIONING_CHARACTERISTIC_UUID", "provisioning.characteristicUuid",
            "85e4cb5a-4718-47e3-b363-b2d82655ee1e"
        ),
        ("PROVISIONING_WIFI_SSID", "provisioning.wifiSsid", "none"),
        ("PROVISIONING_WIFI_PASSWORD", "provisioning.wifiPassword", "none"),
        ("PROVISIONING_SCAN_ALL", "provisioning.scanAll", "false"),
        ("PROVISIONING_ALLOW_NAMELESS", "provisioning.allowNameless", "false"),
        ("JWT_SECRET", "jwt.secret", "made at the first start (256 bits), kept"),
        ("JWT_EXPIRES_IN", "jwt.expiresIn", "15m"),
        ("JWT_REFRESH_EXPIRES_IN", "jwt.refreshExpiresIn", "30d"),
        ("REGISTRATION", "accounts.registration", "invite"),
        ("OTP_EXPIRE_MINUTES", "accounts.otpExpireMinutes", "5"),
        ("OTP_MAX_ATTEMPTS", "accounts.otpMaxAttempts", "5"),
        ("OTP_RESEND_COOLDOWN_SECONDS", "accounts.otpResendCooldownSeconds", "60"),
        ("AGENT_TOKEN", "agent.token", "made at the first start, kept"),
        ("CLOUD_HOST", "cloud.host", "none: no cloud"),
        ("CLOUD_CA_FILE", "cloud.caFile", "none: the authorities of the system"),
        ("CLOUD_MAX_BACKOFF", "cloud.maxBackoff", "1m"),
        ("SMTP_URL", "smtp.url", "none: no e-mail"),
        ("SMTP_FROM", "smtp.from", "none"),
        ("SMTP_CA_FILE", "smtp.caFile", "none: the authorities of the system"),
        ("LOG_LEVEL", "log.level", "info"),
        ("LOG_FORMAT", "log.format", "json under systemd, text on a terminal"),
        ("RETENTION_READINGS", "retention.readings", "30d"),
        ("RETENTION_EVENTS", "retention.events", "30d"),
        ("DEVICES_LAST_WILL_GRACE", "devices.lastWillGrace", "5s"),
        ("DEVICES_OFFLINE_AFTER", "devices.offlineAfter", "3m"),
        ("DEVICES_MAX_RATE", "devices.maxRate", "50"),
        ("DEVICES_MAX_BURST", "devices.maxBurst", "200"),
        ("TELEMETRY_FLUSH_INTERVAL", "telemetry.flushInterval", "5s"),
        ("TELEMETRY_FLUSH_ROWS", "telemetry.flushRows", "1000"),
    ]

    /// For every setting a value other than its default, and how it is shown.
    static let samples: [String: (given: String, shown: String)] = [
        "station.id": ("kitchen-pi", "kitchen-pi"),
        "station.name": ("Küche 2", "Küche 2"),
        "data.dir": ("/srv/station/", "/srv/station"),
        "http.host": ("::1", "::1"),
        "http.port": ("0", "0"),
        "http.tls.certFile": ("@cert.pem", "@cert.pem"),
        "http.tls.keyFile": ("@key.pem", "@key.pem"),
        "http.publicUrl": ("https://Home.example:8443/station/", "https://home.example:8443/station"),
        "http.corsOrigins": ("https://App.example:443, http://[::1]:5173/", "https://app.example,http://[::1]:5173"),
        "mqtt.url": ("mqtts://broker.example", "mqtts://broker.example:8883"),
        "mqtt.user": ("station", "station"),
        "mqtt.password": (" pass word ", "•••"),
        "mqtt.caFile": ("@ca.pem", "@ca.pem"),
        "mqtt.publicHost": ("10.0.0.7", "10.0.0.7"),
        "mqtt.publicPort": ("8883", "8883"),
        "mqtt.legacyDevices": ("true", "true"),
        "mqtt.policyFile": ("/srv/policy.json", "/srv/policy.json"),
        "mqtt.credentialsTtl": ("12h", "12h"),
        "mqtt.authAllow": ("10.0.0.7, fd00::/64", "10.0.0.7,fd00::/64"),
        "mqtt.jwtIssuer": ("https://issuer.example/realms/home", "https://issuer.example/realms/home"),
        "mqtt.jwtAudience": ("mqtt", "mqtt"),
        "mqtt.jwksUrl": ("https://issuer.example/keys", "https://issuer.example/keys"),
        "mqtt.jwksFile": ("/srv/keys.json", "/srv/keys.json"),
        "provisioning.serviceUuid": (
            "22C158D5-220F-4BE9-B46A-A235F44C412A", "22c158d5-220f-4be9-b46a-a235f44c412a"
        ),
        "provisioning.characteristicUuid": (
            "95e4cb5a-4718-47e3-b363-b2d82655ee1e", "95e4cb5a-4718-47e3-b363-b2d82655ee1e"
        ),
        "provisioning.wifiSsid": ("Our Wi-Fi", "Our Wi-Fi"),
        "provisioning.wifiPassword": ("eight ch", "•••"),
        "provisioning.scanAll": ("YES", "true"),
        "provisioning.allowNameless": ("1", "true"),
        "jwt.secret": ("0123456789abcdef0123456789abcdef", "•••"),
        "jwt.expiresIn": ("2 hours", "2h"),
        "accounts.registration": ("open", "open"),
        "accounts.otpExpireMinutes": ("7", "7"),
        "accounts.otpMaxAttempts": ("6", "6"),
        "accounts.otpResendCooldownSeconds": ("61", "61"),
        "jwt.refreshExpiresIn": ("7d", "7d"),
        "agent.token": ("agent-token", "•••"),
        "cloud.host": ("cloud.example:8443", "wss://cloud.example:8443"),
        "cloud.caFile": ("@cloud.pem", "@cloud.pem"),
        "cloud.maxBackoff": ("10m", "10m"),
        "smtp.url": ("smtps://user:pass@mail.example:465", "smtps://•••@mail.example:465"),
        "smtp.from": ("Station <station@home.example>", "Station <station@home.example>"),
        "smtp.caFile": ("@mail.pem", "@mail.pem"),
        "log.level": ("Debug", "debug"),
        "log.format": ("json", "json"),
        "retention.readings": ("1w", "7d"),
        "retention.events": ("90 d", "90d"),
        "devices.lastWillGrace": ("250ms", "250ms"),
        "devices.offlineAfter": ("60", "1m"),
        "devices.maxRate": ("5", "5"),
        "devices.maxBurst": ("20", "20"),
        "telemetry.flushInterval": ("1.5s", "1500ms"),
        "telemetry.flushRows": ("10", "10"),
    ]

    @Test("is that of the contract, in names and defaults")
    func isTheContracts() {
        let rows = ConfigurationCatalogue.rows.map { [$0.environmentName, $0.path, $0.defaultText] }
        #expect(rows == Self.contract.map { [$0.environment, $0.path, $0.defaultText] })
    }

    @Test("is read to the end: without any source every setting has its default")
    func defaults() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let configuration = try fixture.load()
            #expect(configuration.effective.map(\.row) == ConfigurationCatalogue.rows)
            #expect(configuration.effective.allSatisfy { $0.origin == .builtIn })
            let derived = [
                "http.publicUrl": "http://pi.local:3000", "mqtt.publicHost": "pi.local", "log.format": "text",
            ]
            for value in configuration.effective {
                #expect(value.text == derived[value.row.path] ?? value.row.defaultText)
            }
        }
    }

    @Test("is read from the environment, row by row", arguments: contract.map(\.path))
    func environment(path: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let row = try #require(ConfigurationCatalogue.row(at: path))
            let sample = try Self.sample(of: path, in: fixture)
            fixture.environment[row.environmentName] = sample.given
            try Self.addCompanion(of: path, to: &fixture)
            let value = try #require(try fixture.load().value(path))
            #expect(value.text == sample.shown)
            #expect(value.text != row.defaultText)
            #expect(value.origin == .environment(variable: row.environmentName))
        }
    }

    @Test("is read from the file, row by row", arguments: contract.map(\.path))
    func file(path: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let sample = try Self.sample(of: path, in: fixture)
            try Self.addCompanion(of: path, to: &fixture)
            let yaml = Self.yaml(path, "'\(sample.given)'")
            let value = try #require(try fixture.load(yaml: yaml).value(path))
            #expect(value.text == sample.shown)
            let line = path.split(separator: ".").count
            #expect(value.origin == .file(path: fixture.filePath, line: line))
        }
    }

    @Test(
        "is read from a file of its own and from a credential, secret by secret",
        arguments: [
            "mqtt.password", "provisioning.wifiPassword", "jwt.secret", "agent.token", "smtp.url",
        ])
    func secretFiles(path: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let row = try #require(ConfigurationCatalogue.row(at: path))
            let sample = try Self.sample(of: path, in: fixture)
            try Self.addCompanion(of: path, to: &fixture)
            let plain = fixture.environment

            let variable = "\(row.environmentName)_FILE"
            let secretPath = try fixture.write("secret", sample.given + "\n")
            fixture.environment[variable] = secretPath
            let named = try #require(try fixture.load().value(path))
            #expect(named.text == sample.shown)
            #expect(named.origin == .secretFile(variable: variable, path: secretPath))

            let name = row.environmentName.lowercased().replacing("_", with: "-")
            try fixture.write("credentials/\(name)", sample.given)
            fixture.environment = plain
            fixture.environment["CREDENTIALS_DIRECTORY"] = fixture.directory.path("credentials")
            let credential = try #require(try fixture.load().value(path))
            #expect(credential.text == sample.shown)
            #expect(credential.origin == .credential(name: name))
        }
    }

    @Test("those are all the secrets there are")
    func allSecrets() {
        let secrets = ConfigurationCatalogue.rows.filter(\.isSecret).map(\.path)
        #expect(secrets == ["mqtt.password", "provisioning.wifiPassword", "jwt.secret", "agent.token", "smtp.url"])
    }

    @Test("is what docs/configuration.md says")
    func document() throws {
        let path = ConfigurationTable.path
        if ProcessInfo.processInfo.environment[ConfigurationTable.updateVariable] != nil {
            try ConfigurationTable.document.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOfFile: path, encoding: .utf8)
        #expect(
            written == ConfigurationTable.document,
            "run the tests with \(ConfigurationTable.updateVariable)=1 to write docs/configuration.md anew")
    }

    /// A sample; one that begins with “@” names a file, which is made.
    private static func sample(
        of path: String, in fixture: ConfigurationFixture
    ) throws -> (given: String, shown: String) {
        let sample = try #require(Self.samples[path])
        guard sample.given.hasPrefix("@") else { return sample }
        let file = try fixture.write(String(sample.given.dropFirst()), "PEM")
        return (file, file)
    }

    /// Settings that go in pairs get the other one too.
    private static func addCompanion(of path: String, to fixture: inout ConfigurationFixture) throws {
        switch path {
        case "http.tls.certFile": fixture.environment["TLS_KEY_FILE"] = try fixture.write("other.pem", "PEM")
        case "http.tls.keyFile": fixture.environment["TLS_CERT_FILE"] = try fixture.write("other.pem", "PEM")
        case "mqtt.password": fixture.environment["MQTT_USER"] = "station"
        case "mqtt.jwtIssuer": fixture.environment["MQTT_JWKS_FILE"] = "/srv/keys.json"
        case "mqtt.jwksUrl", "mqtt.jwksFile": fixture.environment["MQTT_JWT_ISSUER"] = "https://issuer.example"
        case "smtp.url": fixture.environment["SMTP_FROM"] = "station@home.example"
        default: break
        }
    }

    private static func yaml(_ path: String, _ value: String) -> String {
        let components = path.split(separator: ".")
        let lines = components.enumerated().map { depth, name in
            String(repeating: "  ", count: depth) + "\(name):"
        }
        return lines.joined(separator: "\n") + " \(value)\n"
    }
}
