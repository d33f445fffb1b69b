import StationCore
import StationTestSupport
import Testing

extension AgentProcess {
    /// The API as the owner of the station uses it.
    var api: HTTPProbe { HTTPProbe(port: self.port, token: self.accessToken) }

    /// Asks the API for something that must be there.
    func get(_ path: String) async throws -> JSONValue {
        let answer = try await self.api.get(path)
        try #require(answer.status == 200, "\(path): \(answer.status) \(answer.text)")
        return try answer.json
    }

    /// `/api/health` as a stranger sees it: the HTTP status, the word, the checks.
    func health() async throws -> (status: Int, word: String?, checks: JSONValue?) {
        let answer = try await HTTPProbe(port: self.port).get("/api/health")
        let json = try answer.json
        return (answer.status, json["status"]?.stringValue, json["checks"])
    }

    /// Waits until health says a word.
    func waitForHealth(_ word: String) async throws {
        try await eventually("health says \(word)") { try await self.health().word == word }
    }

    // MARK: Devices

    /// Adds a device with the command line and returns its id.
    @discardableResult
    func addDevice(_ name: String, type: String? = nil) async throws -> String {
        let outcome = try await self.command(
            ["device", "add", "--json", "--name", name, "--external-id", name]
                + (type.map { ["--type", $0] } ?? [])
        )
        try #require(outcome.code == 0, "\(outcome)")
        return try #require(JSONValue.parse(outcome.output)["device", "id"]?.stringValue)
    }

    /// The devices by their external ids.
    func devices() async throws -> [String: JSONValue] {
        let list = try #require(try await self.get("/api/devices").arrayValue)
        return Dictionary(uniqueKeysWithValues: list.map { ($0["externalId"]?.stringValue ?? "", $0) })
    }

    /// The id of a device.
    func id(of name: String) async throws -> String {
        try #require(try await self.devices()[name]?["id"]?.stringValue, "there is no device \(name)")
    }

    func device(_ id: String) async throws -> JSONValue {
        try await self.get("/api/devices/\(id)")
    }

    /// One value of a device's last known state.
    func state(of id: String, _ key: String) async throws -> JSONValue? {
        try await self.device(id)["lastKnownState", key]
    }

    /// The history of one key as the API tells it.
    func readings(of id: String, _ key: String) async throws -> [Double] {
        let answer = try await self.get("/api/devices/\(id)/readings?key=\(key)")
        let points = answer["series"]?.arrayValue?.first?["points"]?.arrayValue ?? []
        return points.compactMap { $0["value"]?.doubleValue }
    }

    /// The activity feed of one device, newest first, only lines of one type.
    func feed(of id: String, _ type: String) async throws -> [JSONValue] {
        let lines = try #require(
            try await self.get("/api/device-events?deviceId=\(id)&type=\(type)").arrayValue
        )
        return lines.compactMap { $0["payload"] }
    }

    /// Tells a device something.
    func send(_ command: JSONValue, to id: String) async throws -> HTTPAnswer {
        try await self.api.post("/api/devices/\(id)/command", json: command)
    }

    // MARK: Metrics

    /// All counters and gauges, by name and label as they stand in `/metrics`.
    func metrics() async throws -> [String: Int] {
        let answer = try await HTTPProbe(port: self.port).get("/metrics")
        try #require(answer.status == 200)
        var found: [String: Int] = [:]
        for line in answer.text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            if parts.count == 2 { found[String(parts[0])] = Int(parts[1]) }
        }
        return found
    }

    /// How many messages of devices the agent has taken up.
    func receivedMessages() async throws -> Int {
        try await self.metrics()["station_mqtt_messages_total"] ?? 0
    }
}

extension HTTPAnswer {
    /// The `code` of an error.
    var errorCode: String? {
        get throws { try self.json["code"]?.stringValue }
    }
}
