import Foundation
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("Faults of values")
struct ConfigurationErrorTests {
    /// Variable, value, and what the message must say in this order.
    static let faults: [(String, String, [String])] = [
        ("STATION_ID", "a/b", ["station.id (STATION_ID) = “a/b”", "MQTT topic", "Allowed: a UUID, or 1–64"]),
        ("STATION_ID", String(repeating: "x", count: 65), ["“xxx", "MQTT topic"]),
        ("STATION_NAME", "a\u{7}b", ["= “a\\u{07}b”", "control character"]),
        ("STATION_NAME", String(repeating: "n", count: 101), ["nnn…”", "101 characters", "Allowed: 1–100"]),
        ("HOST", "0.0.0.0:80", ["http.host (HOST) = “0.0.0.0:80”", "port", "setting of its own"]),
        ("HOST", "my host", ["“my host”", "no host name has"]),
        ("PORT", "abc", ["http.port (PORT) = “abc”", "variable PORT", "not a whole number", "Allowed: a port from 1"]),
        ("PORT", "65536", ["“65536”", "too large", "or 0 for any free one"]),
        ("PORT", "99999999999999999999", ["too large"]),
        ("PORT", "-1", ["too small"]),
        ("PORT", "0x50", ["not a whole number"]),
        ("MQTT_PUBLIC_PORT", "0", ["mqtt.publicPort (MQTT_PUBLIC_PORT) = “0”", "too small", "from 1 to 65535."]),
        ("TLS_CERT_FILE", "/none/cert.pem", ["http.tls.certFile", "“/none/cert.pem”", "no such file"]),
        ("TLS_KEY_FILE", "/", ["http.tls.keyFile", "“/”", "is a directory"]),
        ("BACKEND_PUBLIC_URL", "home.example", ["http.publicUrl (BACKEND_PUBLIC_URL)", "no “://”", "http://host"]),
        ("BACKEND_PUBLIC_URL", "ftp://home.example", ["scheme is not allowed"]),
        ("BACKEND_PUBLIC_URL", "http://a:b@home.example", ["“http://•••@home.example”", "user name"]),
        ("BACKEND_PUBLIC_URL", "http://home.example:0", ["port is not a number from 1 to 65535"]),
        ("BACKEND_PUBLIC_URL", "http:///x", ["the host is missing"]),
        ("CORS_ORIGINS", "*", ["http.corsOrigins (CORS_ORIGINS) = “*”", "let every web page in", "scheme://host"]),
        ("CORS_ORIGINS", "http://a.example,b.example", ["of “b.example”: it has no “://”"]),
        ("CORS_ORIGINS", "http://a.example/app", ["“http://a.example/app” is more than an origin"]),
        ("MQTT_URL", "http://broker", ["mqtt.url (MQTT_URL)", "scheme is not allowed", "mqtts://host"]),
        (
            "MQTT_URL", "mqtt://user:hunter2@broker",
            ["“mqtt://•••@broker”", "user name", "mqtt.user and mqtt.password"]
        ),
        ("MQTT_URL", "mqtt://broker:99999", ["its port is not a number"]),
        ("MQTT_URL", "mqtt://broker/topic", ["not the address of a broker"]),
        ("MQTT_CA_FILE", "/none/ca.pem", ["mqtt.caFile", "no such file"]),
        ("MQTT_LEGACY_DEVICES", "old", ["mqtt.legacyDevices", "neither true nor false"]),
        ("MQTT_CREDENTIALS_TTL", "5s", ["mqtt.credentialsTtl", "too short", "from 1m to 30d"]),
        ("MQTT_AUTH_ALLOW", "10.0.0.7, broker", ["mqtt.authAllow", "“broker” is no address", "10.0.0.0/24"]),
        ("MQTT_JWT_ISSUER", "https://issuer.example", ["mqtt.jwtIssuer", "no keys are", "both it and mqtt.jwksUrl"]),
        ("PROVISIONING_SERVICE_UUID", "12c158d5", ["provisioning.serviceUuid", "not a UUID", "such as 12c158d5-"]),
        ("PROVISIONING_WIFI_SSID", String(repeating: "ü", count: 17), ["provisioning.wifiSsid", "34 bytes"]),
        ("PROVISIONING_WIFI_PASSWORD", "short", ["= •••", "5 bytes", "8–63 characters"]),
        ("PROVISIONING_WIFI_PASSWORD", String(repeating: "g", count: 64), ["64 bytes"]),
        ("PROVISIONING_SCAN_ALL", "maybe", ["provisioning.scanAll", "neither true nor false", "true, yes or 1"]),
        ("JWT_SECRET", "too-short", ["jwt.secret (JWT_SECRET) = •••", "too short: 9 bytes", "at least 32 bytes"]),
        ("JWT_SECRET", "", ["jwt.secret (JWT_SECRET) = •••", "it is empty", "at least 32 bytes"]),
        ("JWT_EXPIRES_IN", "soon", ["jwt.expiresIn", "not a length of time", "such as 250ms"]),
        ("JWT_EXPIRES_IN", "5 fortnights", ["unit is not known"]),
        ("JWT_EXPIRES_IN", "100ms", ["too short", "from 1s to 30d"]),
        ("JWT_EXPIRES_IN", "99999999999999999999d", ["too long"]),
        ("RETENTION_READINGS", "30", ["retention.readings", "unit is missing", "from 1m to 3660d"]),
        ("RETENTION_EVENTS", "-1d", ["not a length of time"]),
        ("AGENT_TOKEN", "with blank", ["agent.token (AGENT_TOKEN) = •••", "HTTP header", "visible ASCII"]),
        ("CLOUD_HOST", "https://cloud.example", ["cloud.host", "scheme is not allowed", "wss://host[:port]"]),
        ("CLOUD_HOST", "wss://cloud.example/ws", ["goes on after the host"]),
        ("CLOUD_HOST", "[::1", ["closing “]” is missing"]),
        ("SMTP_URL", "user:hunter2@mail", ["smtp.url (SMTP_URL) = •••", "no “://”", "smtp://[user:password@]"]),
        ("SMTP_URL", "smtp://mail.example/x", ["smtp.url (SMTP_URL) = •••", "goes on after the host"]),
        ("SMTP_URL", "smtp://hunter2@mail.example", ["= •••", "only one of user and password"]),
        ("SMTP_URL", "smtps://me:hunter%2@mail.example", ["= •••", "“%” without two hexadecimal digits"]),
        ("SMTP_URL", "smtps://me:hunter%0A2@mail.example", ["= •••", "not text of one line"]),
        ("SMTP_FROM", "nobody", ["smtp.from", "“nobody”", "not an e-mail address"]),
        ("SMTP_FROM", "Nobody <a@b", ["it lacks its closing “>”"]),
        ("LOG_LEVEL", "loud", ["log.level (LOG_LEVEL) = “loud”", "none of the words", "trace, debug, info, notice"]),
        ("LOG_FORMAT", "xml", ["log.format", "json, text"]),
        ("DEVICES_MAX_RATE", "50/s", ["devices.maxRate", "not a whole number"]),
        ("DEVICES_MAX_BURST", "0", ["devices.maxBurst", "too small"]),
        ("DEVICES_OFFLINE_AFTER", "0", ["devices.offlineAfter", "too short"]),
        ("TELEMETRY_FLUSH_INTERVAL", "1h", ["telemetry.flushInterval", "too long", "to 10m"]),
        ("TELEMETRY_FLUSH_ROWS", "1e3", ["telemetry.flushRows", "not a whole number"]),
    ]

    @Test("name the setting, the value, where it is from, what is wrong and what is allowed", arguments: faults)
    func fault(variable: String, value: String, parts: [String]) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment[variable] = value
            let faults = try fixture.faults()
            #expect(faults.count == 1)
            let message = try #require(faults.first)
            var rest = message[...]
            for part in ["(\(variable))", ", from the environment variable \(variable): "] {
                #expect(message.contains(part))
            }
            for part in parts {
                guard let range = rest.firstRange(of: part) else {
                    Issue.record("“\(part)” is not where it should be in: \(message)")
                    return
                }
                rest = rest[range.upperBound...]
            }
            #expect(!message.contains("hunter2"))
        }
    }

    @Test("read like this")
    func wholeMessage() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let faults = try fixture.faults(yaml: "station:\n  name: x\nhttp:\n  port: 70000\n")
            #expect(
                faults == [
                    "http.port (PORT) = “70000”, from \(fixture.filePath), line 4: it is too large. "
                        + "Allowed: a port from 1 to 65535, or 0 for any free one."
                ])
        }
    }

    @Test("come all at once")
    func allAtOnce() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment = ["PORT": "x", "LOG_LEVEL": "loud", "JWT_SECRET": "short"]
            do {
                _ = try fixture.load(yaml: "htpp: {}\nmqtt:\n  url: nowhere\n")
                Issue.record("nothing was wrong")
            } catch let errors as ConfigurationErrors {
                #expect(errors.errors.count == 5)
                #expect(errors.description.hasPrefix("The configuration has 5 faults:\n  - “htpp”"))
                #expect(errors.description.split(separator: "\n").count == 6)
            }
        }
    }

    @Test(
        "are found where settings do not go together",
        arguments: [
            (
                ["TLS_CERT_FILE": "/etc/passwd"], "http.tls.keyFile (TLS_KEY_FILE): it is missing",
                "both files or neither"
            ),
            (
                ["TLS_KEY_FILE": "/etc/passwd"], "http.tls.certFile (TLS_CERT_FILE): it is missing",
                "both files or neither"
            ),
            (["SMTP_URL": "smtp://h"], "smtp.from (SMTP_FROM): it is missing", "Name <name@domain>"),
            (["MQTT_PASSWORD": "p"], "mqtt.user (MQTT_USER): it is missing", "both or neither"),
            (
                ["JWT_EXPIRES_IN": "2d", "JWT_REFRESH_EXPIRES_IN": "1d"],
                "jwt.refreshExpiresIn (JWT_REFRESH_EXPIRES_IN) = 1d", "is shorter than jwt.expiresIn"
            ),
            (
                ["DEVICES_LAST_WILL_GRACE": "10s", "DEVICES_OFFLINE_AFTER": "5s"],
                "devices.lastWillGrace (DEVICES_LAST_WILL_GRACE) = 10s", "longer than devices.offlineAfter"
            ),
        ])
    func combinations(environment: [String: String], beginning: String, part: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment = environment
            let faults = try fixture.faults()
            #expect(faults.count == 1)
            #expect(faults.first?.hasPrefix(beginning) == true, "\(faults)")
            #expect(faults.first?.contains(part) == true, "\(faults)")
        }
    }

    @Test("a bad certificate file is told once, and not as a missing pair")
    func badPair() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment = ["TLS_CERT_FILE": "/none/c", "TLS_KEY_FILE": "/etc/passwd"]
            let withCertificate = try fixture.faults()
            #expect(withCertificate.count == 1)
            fixture.environment = ["MQTT_USER": "a\u{1}", "MQTT_PASSWORD": "p"]
            let withUser = try fixture.faults()
            #expect(withUser.count == 1)
        }
    }

    @Test("NAME and NAME_FILE together are refused, also with an empty NAME that counts")
    func bothSet() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let path = try fixture.write("secret", String(repeating: "s", count: 32))
            fixture.environment = [
                "JWT_SECRET": String(repeating: "k", count: 32), "JWT_SECRET_FILE": path,
                "AGENT_TOKEN": "", "AGENT_TOKEN_FILE": path,
            ]
            #expect(
                try fixture.faults() == [
                    "jwt.secret (JWT_SECRET), from the environment variable JWT_SECRET: JWT_SECRET_FILE is set too. "
                        + "Allowed: JWT_SECRET or JWT_SECRET_FILE, not both.",
                    "agent.token (AGENT_TOKEN), from the environment variable AGENT_TOKEN: AGENT_TOKEN_FILE is set too. "
                        + "Allowed: AGENT_TOKEN or AGENT_TOKEN_FILE, not both.",
                ])
        }
    }

    @Test("a secret's file must be there, be text, have something in it, and hold a good value")
    func secretFiles() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let path = fixture.directory.path("secret")
            let origin = "from \(path), which JWT_SECRET_FILE names"
            fixture.environment["JWT_SECRET_FILE"] = path
            #expect(
                try fixture.faults() == [
                    "jwt.secret (JWT_SECRET), \(origin): \(path) cannot be read: No such file or directory."
                ])
            try fixture.write("secret", "short\n")
            let tooShort =
                "jwt.secret (JWT_SECRET) = •••, \(origin): it is too short: 5 bytes. Allowed: at least 32 bytes."
            #expect(try fixture.faults() == [tooShort])
            try Data([0xFF, 0xFE]).write(to: URL(filePath: path))
            #expect(try fixture.faults() == ["jwt.secret (JWT_SECRET), \(origin): it is not UTF-8 text."])
            try Data(count: 70_000).write(to: URL(filePath: path))
            #expect(try fixture.faults() == ["jwt.secret (JWT_SECRET), \(origin): \(path) is larger than 65536 bytes."])
            try fixture.write("secret", "\n")
            fixture.environment = ["SMTP_URL_FILE": path]
            #expect(try fixture.faults().first?.contains("the file is empty") == true)
        }
    }

    @Test("a bad credential is named, an absent one is none")
    func credentials() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment["CREDENTIALS_DIRECTORY"] = fixture.directory.path("credentials")
            #expect(try fixture.faults() == [])
            try fixture.write("credentials/jwt-secret", "short")
            #expect(
                try fixture.faults() == [
                    "jwt.secret (JWT_SECRET) = •••, from the systemd credential jwt-secret: it is too short: 5 bytes. "
                        + "Allowed: at least 32 bytes."
                ])
        }
    }
}
