import Foundation
import Logging
import MQTTTransport
import StationCore
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("The sources of the configuration")
struct ConfigurationSourceTests {
    @Test("go in order: environment, credential, file, default")
    func precedence() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let yaml = "agent:\n  token: from-file\n"
            func token() throws -> String? { try fixture.load(yaml: yaml).agent.token?.revealed }
            #expect(try fixture.load().agent.token == nil)
            #expect(try token() == "from-file")
            try fixture.write("credentials/agent-token", "from-credential\n")
            fixture.environment["CREDENTIALS_DIRECTORY"] = fixture.directory.path("credentials")
            #expect(try token() == "from-credential")
            fixture.environment["AGENT_TOKEN_FILE"] = try fixture.write("token", "from-named-file\n")
            #expect(try token() == "from-named-file")
            fixture.environment["AGENT_TOKEN_FILE"] = nil
            fixture.environment["AGENT_TOKEN"] = "from-environment"
            #expect(try token() == "from-environment")
        }
    }

    @Test("take one line end, and no more, off a secret that has a file of its own")
    func secretLineEnd() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            for (content, expected) in [("a\n", "a"), ("a\r\n", "a"), ("a", "a")] {
                fixture.environment["AGENT_TOKEN_FILE"] = try fixture.write("token", content)
                #expect(try fixture.load().agent.token?.revealed == expected)
            }
            fixture.environment = [
                "MQTT_USER": "u", "MQTT_PASSWORD_FILE": try fixture.write("password", " a b \n\n"),
            ]
            #expect(try fixture.load().mqtt.password?.revealed == " a b \n")
        }
    }

    @Test("an empty text means “not set”, as in .env templates, and leaves the word to the next source")
    func empty() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment = ["STATION_NAME": "", "CLOUD_HOST": "", "PORT": "", "SMTP_FROM": "  "]
            let configuration = try fixture.load(yaml: "station: {name: Attic}\nhttp:\n  port: ''\n")
            #expect(configuration.station.name == "Attic")
            #expect(configuration.http.port == 3000)
            #expect(configuration.cloud.address == nil)
            #expect(configuration.smtp.sender == nil)
        }
    }

    @Test("an empty agent token is a value: it goes before the file's and matches nothing")
    func emptyAgentToken() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment["AGENT_TOKEN"] = ""
            let configuration = try fixture.load(yaml: "agent: {token: abc}")
            #expect(configuration.agent.token?.isEmpty == true)
            #expect(configuration.value("agent.token")?.text == "(empty)")
        }
    }

    @Test("the file of the system is read if it is there")
    func defaultFile() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let path = try fixture.write("etc.yaml", "station:\n  name: From etc\n")
            #expect(try fixture.load(defaultFile: path).station.name == "From etc")
            #expect(try fixture.load(defaultFile: fixture.directory.path("none.yaml")).station.name == "Station")
            #expect(AgentConfiguration.defaultFile == "/etc/station-agent/station-agent.yaml")
        }
    }

    @Test(
        "a file may be empty, a comment, or have empty sections and keys",
        arguments: [
            "", "# nothing yet\n", "---\n", "http:\n", "http:\n  port:\nmqtt: null\n", "station: {}\n",
            "http: {port: ~}",
        ])
    func emptyFile(yaml: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let configuration = try fixture.load(yaml: yaml)
            #expect(configuration.effective.allSatisfy { $0.origin == .builtIn })
        }
    }

    @Test("a file may use lists, quotes, flow style, dotted keys and anchors")
    func yamlForms() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            let configuration = try fixture.load(
                yaml: """
                    # The attic's station
                    station.name: &name "Attic: north"
                    http: {port: 8080, corsOrigins: [https://a.example, "http://b.example:81"]}
                    mqtt:
                      url: mqtt://10.0.0.1   # the old broker
                      user: *name
                    devices:
                      offlineAfter: 90
                      maxRate: 7
                    provisioning:
                      scanAll: yes
                    """)
            #expect(configuration.station.name == "Attic: north")
            #expect(configuration.http.port == 8080)
            #expect(configuration.http.corsOrigins == ["https://a.example", "http://b.example:81"])
            #expect(configuration.mqtt.endpoint.description == "mqtt://10.0.0.1:1883")
            #expect(configuration.mqtt.user == "Attic: north")
            #expect(configuration.devices.offlineAfter == .seconds(90))
            #expect(configuration.devices.maxRate == 7)
            #expect(configuration.provisioning.scanAll)
            #expect(configuration.value("devices.maxRate")?.origin == .file(path: fixture.filePath, line: 9))
        }
    }

    @Test("unknown variables of the environment are none of our business")
    func strangers() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment = ["PATH": "/bin", "MQTT_HOST": "x", "http.port": "1", "STATION_NAME_FILE": "/none"]
            #expect(try fixture.load().effective.allSatisfy { $0.origin == .builtIn })
        }
    }

    @Test("the values arrive in their sections")
    func sections() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment = [
                "STATION_ID": "0190a3c2-0000-7000-8000-000000000001", "HOST": "[::]",
                "TLS_CERT_FILE": try fixture.write("c", ""), "TLS_KEY_FILE": try fixture.write("k", ""),
                "MQTT_URL": "mqtts://b.example", "MQTT_CA_FILE": try fixture.write("ca", ""), "MQTT_PUBLIC_PORT": "1",
                "PROVISIONING_WIFI_SSID": "net", "PROVISIONING_WIFI_PASSWORD": "", "JWT_EXPIRES_IN": "900",
                "CLOUD_HOST": "ws://127.0.0.1:9000", "LOG_LEVEL": "trace", "RETENTION_EVENTS": "12h",
                "TELEMETRY_FLUSH_ROWS": "5", "DEVICES_LAST_WILL_GRACE": "0",
            ]
            let configuration = try fixture.load()
            #expect(configuration.station.id == StationID("0190a3c2-0000-7000-8000-000000000001"))
            #expect(configuration.http.host == "::")
            #expect(configuration.http.tls?.keyFile == fixture.directory.path("k"))
            #expect(configuration.mqtt.endpoint.useTLS)
            #expect(configuration.mqtt.endpoint.port == 8883)
            #expect(configuration.mqtt.endpoint.caFile == fixture.directory.path("ca"))
            #expect(configuration.mqtt.publicPort == 1)
            #expect(configuration.provisioning.wifiSSID == "net")
            #expect(configuration.provisioning.wifiPassword?.isEmpty == true)
            #expect(configuration.jwt.expiresIn == .seconds(900))
            #expect(configuration.jwt.secret == nil)
            #expect(configuration.cloud.address?.usesTLS == false)
            #expect(configuration.cloud.address?.port == 9000)
            #expect(configuration.log.level == .trace)
            #expect(configuration.retention.events == .seconds(43_200))
            #expect(configuration.telemetry.flushRows == 5)
            #expect(configuration.devices.lastWillGrace == .zero)
            #expect(configuration.data.secretsPath == "/var/lib/station-agent/secrets.json")
        }
    }

    @Test(
        "the public URL follows from host name, port and certificate",
        arguments: [
            ("3000", false, nil, "http://pi.local:3000"), ("80", false, nil, "http://pi.local"),
            ("0", false, 41_234, "http://pi.local:41234"), ("443", true, nil, "https://pi.local"),
            ("3000", true, nil, "https://pi.local:3000"),
        ] as [(String, Bool, Int?, String)])
    func publicURL(port: String, hasTLS: Bool, boundPort: Int?, expected: String) async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            fixture.environment["PORT"] = port
            if hasTLS {
                fixture.environment["TLS_CERT_FILE"] = try fixture.write("c", "")
                fixture.environment["TLS_KEY_FILE"] = try fixture.write("k", "")
            }
            #expect(try fixture.load().http.publicURL(boundPort: boundPort) == expected)
            fixture.environment["BACKEND_PUBLIC_URL"] = "http://home.example/"
            #expect(try fixture.load().http.publicURL(boundPort: boundPort) == "http://home.example")
        }
    }

    @Test("the log is text on a terminal and JSON elsewhere, unless it is told otherwise")
    func logFormat() async throws {
        try await ConfigurationFixture.run { (fixture) throws in
            #expect(try fixture.load().log.format == .text)
            fixture.hasTerminal = false
            #expect(try fixture.load().log.format == .json)
            fixture.environment["LOG_FORMAT"] = "text"
            #expect(try fixture.load().log.format == .text)
        }
    }
}
