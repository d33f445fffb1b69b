import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("A start that cannot succeed")
struct StartRefusalTests {
    /// A mistake in the configuration and what the message must say, `{dir}` standing for a directory of the test.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var environment: [String: String] = [:]
        /// Written to `{dir}/station-agent.yaml`.
        var yaml: String?
        var file: String?
        /// Key, value, place, remedy.
        let words: [String]
    }

    static let mistakes = [
        Mistake(
            testDescription: "a value of the wrong type", environment: ["PORT": "abc"],
            words: ["http.port (PORT) = “abc”", "variable PORT", "not a whole number", "a port from 1 to 65535"]
        ),
        Mistake(
            testDescription: "an address of the wrong kind", environment: ["MQTT_URL": "http://x"],
            words: ["mqtt.url (MQTT_URL) = “http://x”", "scheme is not allowed", "Allowed: mqtt://host[:port]"]
        ),
        Mistake(
            testDescription: "a word out of none", environment: ["LOG_LEVEL": "loud"],
            words: ["log.level (LOG_LEVEL) = “loud”", "Allowed: trace, debug, info"]
        ),
        Mistake(
            testDescription: "a secret that is too short, which is not shown", environment: ["JWT_SECRET": "hunter2"],
            words: ["jwt.secret (JWT_SECRET) = •••", "too short: 7 bytes", "Allowed: at least 32 bytes"]
        ),
        Mistake(
            testDescription: "a name that cannot be", environment: ["STATION_ID": "a/b"],
            words: ["station.id (STATION_ID) = “a/b”", "MQTT topic", "Allowed: a UUID, or 1–64 characters"]
        ),
        Mistake(
            testDescription: "an unknown key in the file", yaml: "log:\n  level: info\n  fromat: json\n",
            words: ["“log.fromat”", "{dir}/station-agent.yaml, line 3", "no such key", "nearest one is “log.format”"]
        ),
        Mistake(
            testDescription: "an unknown section in the file", yaml: "htpp:\n  port: 80\n",
            words: ["“htpp”", "line 1", "no such section", "nearest one is “http”"]
        ),
        Mistake(
            testDescription: "a bad value in the file", environment: ["PORT": ""],
            yaml: "http:\n  host: 127.0.0.1\n  port: 70000\n",
            words: ["http.port (PORT) = “70000”", "{dir}/station-agent.yaml, line 3", "too large", "Allowed: a port"]
        ),
        Mistake(
            testDescription: "a file that is no YAML", yaml: "http:\n  host: [127.0.0.1\n",
            words: ["{dir}/station-agent.yaml, line", "not valid YAML"]
        ),
        Mistake(
            testDescription: "a named file that is missing", file: "{dir}/absent.yaml",
            words: ["{dir}/absent.yaml: there is no such file", "Allowed: a YAML file that the agent may read"]
        ),
        Mistake(
            testDescription: "a secret given twice",
            environment: ["AGENT_TOKEN": "hunter2", "AGENT_TOKEN_FILE": "{dir}/token"],
            words: ["agent.token (AGENT_TOKEN)", "AGENT_TOKEN_FILE is set too", "not both"]
        ),
        Mistake(
            testDescription: "a secret file that cannot be read",
            environment: ["MQTT_USER": "station", "MQTT_PASSWORD_FILE": "{dir}"],
            words: ["mqtt.password (MQTT_PASSWORD)", "MQTT_PASSWORD_FILE", "{dir} cannot be read: Is a directory"]
        ),
        Mistake(
            testDescription: "two settings that do not go together", environment: ["MQTT_PASSWORD": "hunter2"],
            words: ["mqtt.user (MQTT_USER): it is missing", "both or neither"]
        ),
        Mistake(
            testDescription: "several faults, all told at once", environment: ["PORT": "x", "LOG_LEVEL": "loud"],
            words: ["2 faults", "http.port (PORT) = “x”", "log.level (LOG_LEVEL) = “loud”"]
        ),
    ]

    @Test("a mistake in the configuration ends with 78 and names key, value and what is allowed", arguments: mistakes)
    func configuration(_ mistake: Mistake) async throws {
        try await TemporaryDirectory.run { directory in
            let fill = { (text: String) in text.replacing("{dir}", with: directory.path()) }
            var arguments = ["run"]
            if let yaml = mistake.yaml {
                try Data(yaml.utf8).write(to: directory.url.appending(path: "station-agent.yaml"))
                arguments += ["--config", directory.path("station-agent.yaml")]
            }
            if let file = mistake.file { arguments += ["--config", fill(file)] }
            let environment = ["DATA_DIR": directory.path("data"), "HOST": "127.0.0.1", "PORT": "0"]
                .merging(mistake.environment.mapValues(fill)) { $1 }
            let outcome = try await AgentProgram.run(arguments, environment: environment, in: directory)
            #expect(outcome.code == 78)
            var rest = outcome.errors[...]
            for word in mistake.words.map(fill) {
                let range = try #require(rest.firstRange(of: word), "“\(word)” is not where it should be: \(outcome)")
                rest = rest[range.upperBound...]
            }
            #expect(!outcome.errors.contains("hunter2"))
            #expect(!FileManager.default.fileExists(atPath: directory.path("data")), "nothing was begun")
        }
    }

    @Test("a second daemon on the same data ends with 75 and names the first, which goes on")
    func secondDaemon() async throws {
        try await AgentProcess.run { agent in
            let first = try #require(agent.processID)
            let second = try await agent.command(["run"], environment: ["PORT": "\(LoopbackPort.unused())"])
            #expect(second.code == 75)
            #expect(second.errors.contains("\(agent.directory.path("data")) is in use"))
            #expect(second.errors.contains("pid \(first)"))
            #expect(second.errors.contains("DATA_DIR"))
            #expect(agent.processID == first)
            #expect(try await agent.health().word == "ok")
        }
    }

    @Test("a port that is taken ends with 74 and names address and port")
    func takenPort() async throws {
        try await AgentProcess.run { agent in
            let second = try await agent.command(["run"], environment: ["DATA_DIR": agent.directory.path("other")])
            #expect(second.code == 74)
            #expect(second.errors.contains("Cannot listen on 127.0.0.1:\(agent.port): another program uses this port"))
            #expect(second.errors.contains("http.port (PORT)"))
            #expect(try await agent.health().word == "ok")
        }
    }

    @Test(
        "a data directory that cannot be ends with 74, the path and a remedy",
        arguments: [
            // Nobody may make anything in /sys, not even root.
            ("/sys/station-agent", "cannot be made"), ("{dir}/file", "is not a directory"),
            ("{dir}/file/data", "cannot be made: Not a directory"),
        ])
    func dataDirectory(path: String, problem: String) async throws {
        try await TemporaryDirectory.run { directory in
            try Data().write(to: directory.url.appending(path: "file"))
            let path = path.replacing("{dir}", with: directory.path())
            let outcome = try await AgentProgram.run(
                ["run"], environment: ["DATA_DIR": path, "HOST": "127.0.0.1", "PORT": "0"], in: directory
            )
            #expect(outcome.code == 74)
            #expect(outcome.errors.hasPrefix("station-agent: \(path) \(problem)"))
            #expect(outcome.errors.contains("DATA_DIR"))
        }
    }

    @Test("a store that a newer version has written ends with 74, is told plainly and left alone")
    func newerStore() async throws {
        try await AgentProcess.run { agent in
            try await agent.addDevice("kept")
            #expect(try await agent.stop() == 0)
            try await agent.store.run("INSERT INTO grdb_migrations VALUES ('9999-from-the-future')")
            for arguments in [["run"], ["device", "list"]] {
                let outcome = try await agent.command(arguments)
                #expect(outcome.code == 74)
                #expect(outcome.errors.contains("written by a newer station-agent"))
                #expect(outcome.errors.contains("install that version again or restore a backup"))
            }
            try await agent.store.run("DELETE FROM grdb_migrations WHERE identifier LIKE '9999%'")
            try await agent.start()
            #expect(try await agent.devices().keys.sorted() == ["kept"])
        }
    }

    @Test(
        "a mistake on the command line ends with 64 and shows the usage",
        arguments: [
            ["bogus"], ["run", "--nope"], ["device", "add"], ["device", "add", "--name", "x", "--external-id", "a/b"],
            ["device", "show"], ["simulate", "--rate", "0"], ["simulate", "--type", "fridge"],
            ["simulate", "--qos", "2"],
        ])
    func usage(arguments: [String]) async throws {
        try await TemporaryDirectory.run { directory in
            let outcome = try await AgentProgram.run(
                arguments, environment: ["DATA_DIR": directory.path("data")], in: directory
            )
            #expect(outcome.code == 64)
            #expect(outcome.errors.contains("Error: "))
            #expect(outcome.errors.contains("Usage: station-agent"))
        }
    }
}
