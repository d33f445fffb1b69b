import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("Secrets")
struct SecrecyTests {
    private static let brokerPassword = "mqtt-password-0815"
    /// What mosquitto_passwd makes of it.
    private static let passwordFile = """
        station:$7$101$+Bjs6xzPZzLljDAT$LfRrssq7Eq5/ZNQucgQYpalmqvMwdylkUiItt1izYS6Q9lvMg6U4QtdH5yZzGcx9/\
        Z8cWWmfucbN0XadO6eDQQ==

        """
    private static let wifiPassword = "wifi-password-2342"
    private static let wrongToken = "wrong-token-6969"

    @Test("appear nowhere: not in the log at any level, the API, the metrics, the tools' output or the store's files")
    func nowhere() async throws {
        let setup = AgentProcess.Setup(
            environment: ["MQTT_USER": "station", "MQTT_PASSWORD": Self.brokerPassword, "LOG_LEVEL": "trace"],
            allowsAnonymous: false,
            brokerLines: { directory in
                let file = directory.appending(path: "passwords")
                try Data(Self.passwordFile.utf8).write(to: file)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
                return ["password_file \(file.path)"]
            }
        )
        try await AgentProcess.run(setup) { agent in
            var shown = ""
            let id = try await agent.addDevice("lamp", type: "light")
            let lamp = try await agent.play("lamp", user: "station", password: Secret(Self.brokerPassword))
            try await lamp.shakeHands(#"{"type":"light"}"#)
            let added = try await agent.api.post("/api/devices", json: ["name": "made by the API"])
            #expect(added.status == 201)
            let tokens = [
                try await agent.successfully("device", "token", "lamp").trimmingCharacters(in: .newlines),
                try #require(try added.json["token"]?.stringValue),
                try #require(
                    try await agent.api.post("/api/devices/\(id)/token").json["token"]?.stringValue
                ),
            ]

            let update: JSONValue = ["action": "wifi_update", "ssid": "Home", "password": .string(Self.wifiPassword)]
            #expect(try await agent.send(update, to: id).status == 202)
            try await eventually("the device gets the password") { try lamp.commands == [update] }
            let guess = HTTPProbe(port: agent.port, token: Secret(Self.wrongToken))
            #expect(try await guess.get("/api/devices?token=\(AgentProcess.token)").status == 401)
            let faulty = try await agent.api.post("/api/devices/\(id)/command?password=\(Self.wifiPassword)", json: "x")
            #expect(faulty.status == 400)
            // So that a line about a fault of the connection is among those that are looked at.
            await agent.broker.stop()
            try await agent.waitForHealth("degraded")
            #expect(try await agent.send(update, to: id).status == 503)
            shown += try await agent.api.get("/api/health").text
            shown += try await agent.command(["doctor"]).description
            try await agent.broker.start()
            try await agent.waitForHealth("ok")

            for path in ["/api/health", "/metrics", "/api/devices", "/api/device-events"] {
                let answer = try await agent.api.get(path)
                #expect(answer.status == 200)
                shown += answer.text
            }
            for arguments in [
                ["doctor"], ["doctor", "--json"], ["config"], ["device", "list"], ["device", "show", id],
            ] {
                shown += try await agent.command(arguments).description
            }
            let archive = agent.directory.path("support.tar")
            shown += try await agent.command(["doctor", "--bundle", archive]).description
            let support = try Data(contentsOf: URL(filePath: archive))
            #expect(support.firstRange(of: Array("station_mqtt_messages_total".utf8)) != nil)
            shown += String(decoding: support, as: UTF8.self)
            let files = try self.files(of: agent)
            #expect(try await agent.stop() == 0)

            #expect(shown.contains("wifi_update"))
            #expect(agent.log.contains("/api/devices"))
            let secrets =
                tokens + [
                    AgentProcess.token, AgentProcess.ownerPassword, try #require(agent.accessToken).revealed,
                    Self.brokerPassword, Self.wifiPassword, Self.wrongToken,
                ]
            for secret in secrets {
                #expect(!shown.contains(secret))
                #expect(!agent.log.contains(secret))
            }
            // The store is really looked into.
            let afterwards = try self.files(of: agent)
            #expect(files.contains { $0.name == "station.sqlite-wal" })
            #expect(afterwards.contains { $0.name == "station.sqlite" && Self.isCommandStored(in: $0.bytes) })
            for (name, bytes) in files + afterwards {
                for secret in secrets {
                    #expect(bytes.firstRange(of: Array(secret.utf8)) == nil, "\(secret) is in \(name)")
                }
            }
        }
    }

    private static func isCommandStored(in bytes: [UInt8]) -> Bool {
        bytes.firstRange(of: Array("wifi_update".utf8)) != nil
    }

    /// Every file in the data directory and below, as it is on disk.
    private func files(of agent: AgentProcess) throws -> [(name: String, bytes: [UInt8])] {
        let directory = agent.directory.url.appending(path: "data")
        return try FileManager.default.subpathsOfDirectory(atPath: directory.path).compactMap { name in
            let file = directory.appending(path: name)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
            return (name, Array(try Data(contentsOf: file)))
        }
    }
}
