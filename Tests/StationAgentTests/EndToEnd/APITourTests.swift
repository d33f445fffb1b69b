import StationCore
import StationTestSupport
import Testing

@Suite("A newcomer's session, as docs/api-tour.md tells it")
struct APITourTests {
    @Test("A place, its viewer, a device, its state live, a threshold, one alert that opens and resolves, a command")
    func session() async throws {
        try await APITour.run { tour in
            let boiler = try await tour.agent.play(tour.device, token: tour.deviceToken)
            try await LiveProbe.run(port: tour.agent.port, token: tour.ada.accessToken) { owner in
                try await LiveProbe.run(port: tour.agent.port, token: tour.bob.accessToken) { viewer in
                    try await owner.message("hello")
                    try await viewer.message("hello")

                    try await boiler.say("state", #"{"state":{"temperature":61.5,"pump":true}}"#)
                    for client in [owner, viewer] {
                        let news = try await client.message("device_state")
                        #expect(news["deviceId"] == .string(tour.device))
                        #expect(news["state"] == ["temperature": .number(61.5), "pump": true])
                        let status = try await client.message("device_status")
                        #expect(status["status"] == "online")
                    }
                    try await self.alert(tour, boiler, watchedBy: [owner, viewer])
                    try await self.command(tour, boiler, watchedBy: [owner, viewer])
                }
            }
            let places = try await tour.bob.api.get("/api/places").json["places"]?.arrayValue ?? []
            #expect(places.first { $0["place_id"] == .string(tour.place) }?["user_role"] == "viewer")
            let shown = try await tour.bob.api.get(tour.devicePath).json
            #expect(shown["name"] == "Boiler")
            #expect(shown["status"] == "online")
        }
    }

    /// Sets a limit on a sensor and has it crossed twice and kept again: one alert, whoever looks.
    private func alert(_ tour: APITour, _ boiler: PlayedDevice, watchedBy clients: [LiveProbe]) async throws {
        let added = try await tour.ada.api.post(
            "\(tour.devicePath)/sensors", json: ["key": "temperature", "name": "Water", "unit_label": "°C"]
        )
        #expect(added.status == 201, "\(added.text)")
        let sensor = try #require(added.json["sensor_id"]?.stringValue)
        let limit: JSONValue = ["type": "max", "value": 70, "severity": "critical", "clear_band": 2]
        let set = try await tour.ada.api.post("\(tour.devicePath)/sensors/\(sensor)/thresholds", json: limit)
        #expect(set.status == 201, "\(set.text)")

        let path = "/api/places/\(tour.place)/alerts"
        try await boiler.report("temperature", 75)
        for client in clients { try await client.message("alert") { $0["event"] == "opened" } }
        try await boiler.report("temperature", 80)
        try await eventually("both values count") {
            try await tour.bob.api.get(path).json["items"]?.arrayValue?.first?["count"] == 2
        }
        let open = try await tour.bob.api.get(path).json
        #expect(open["total"] == 1)
        #expect(open["items"]?.arrayValue?.first?["status"] == "active")
        #expect(try await tour.bob.api.get("\(path)/count").json["unresolved"] == 1)

        try await boiler.report("temperature", 60)
        for client in clients {
            let opened = try await client.message("alert") { $0["event"] == "opened" }
            #expect(opened["value"] == 75)
            #expect(opened["severity"] == "critical")
            let resolved = try await client.message("alert") { $0["event"] == "resolved" }
            #expect(resolved["alertId"] == opened["alertId"])
            #expect(client.messages.count { $0["type"] == "alert" } == 2)
        }
        let items = try await tour.bob.api.get(path).json["items"]?.arrayValue ?? []
        #expect(items.map { $0["status"] } == ["resolved"])
        #expect(items.first?["peak_value"] == 80)
        #expect(try await tour.bob.api.get("\(path)/count").json["unresolved"] == 0)
    }

    private func command(_ tour: APITour, _ boiler: PlayedDevice, watchedBy clients: [LiveProbe]) async throws {
        let command: JSONValue = ["action": "pump_off"]
        let path = "/api/devices/\(tour.device)/command"
        #expect(try await tour.bob.api.post(path, json: command).status == 403)
        let sent = try await tour.ada.api.post(path, json: command)
        #expect(sent.status == 202, "\(sent.text)")
        for client in clients {
            #expect(try await client.message("device_command")["command"] == command)
        }
        try await eventually("the device hears the command") { try boiler.commands == [command] }
    }

    @Test(
        "A viewer changes nothing, a stranger sees nothing, and the tokens of devices and agents open their own doors")
    func refusals() async throws {
        try await APITour.run { tour in
            for person in [tour.bob, tour.carol] {
                let changes: [(String, String, JSONValue?)] = [
                    ("POST", "/api/places/\(tour.place)/devices", ["name": "Mine"]),
                    ("PUT", tour.devicePath, ["name": "Mine"]),
                    ("DELETE", tour.devicePath, nil),
                    ("POST", "\(tour.devicePath)/regenerate-token", nil),
                    ("POST", "\(tour.devicePath)/sensors", ["key": "humidity", "name": "Air"]),
                    ("PUT", "/api/places/\(tour.place)", ["name": "Mine"]),
                    ("DELETE", "/api/places/\(tour.place)", nil),
                    ("POST", "/api/places/\(tour.place)/members", ["email": tour.carol.email, "role": "viewer"]),
                    ("POST", "/api/devices", ["name": "Mine"]),
                    ("POST", "/api/user-management/members", ["email": "dan@example.com", "role": "member"]),
                ]
                for (method, path, body) in changes {
                    let answer = try await person.api.send(method, path, json: body)
                    #expect(answer.status == 403, "\(person.email) \(method) \(path): \(answer.text)")
                }
            }
            #expect(try await tour.carol.api.get("/api/places/\(tour.place)").status == 403)
            #expect(try await tour.carol.api.get(tour.devicePath).status == 403)
            #expect(try await tour.carol.api.get("/api/devices/\(tour.device)").status == 404)
            #expect(try await tour.bob.api.get(tour.devicePath).json["name"] == "Boiler")

            let agentToken = Secret(AgentProcess.token)
            let people = "/api/devices"
            let agents = "/api/ota/device-types"
            #expect(try await tour.report(tour.deviceToken).status == 202)
            #expect(try await tour.caller(tour.deviceToken).get(people).status == 401)
            #expect(try await tour.caller(tour.deviceToken).get(agents).status == 401)
            #expect(try await tour.caller(agentToken).get(agents).status == 200)
            #expect(try await tour.caller(agentToken).get(people).status == 401)
            #expect(try await tour.report(agentToken).status == 401)
            #expect(try await tour.ada.api.get(people).status == 200)
            #expect(try await tour.ada.api.get(agents).status == 401)
            #expect(try await tour.report(tour.ada.accessToken).status == 401)
            let machine = "/api/system/info"
            #expect(try await tour.ada.api.get(machine).status == 200)
            #expect(try await tour.caller(agentToken).get(machine).status == 200)
            #expect(try await tour.bob.api.get(machine).status == 403)
            #expect(try await tour.carol.api.get(machine).status == 403)
            #expect(try await tour.caller(nil).get(people).status == 401)
        }
    }

    @Test("A refresh token is good once, a stolen one ends the session, and after signing out no token is good")
    func tokens() async throws {
        try await APITour.run { tour in
            let renewed = try await tour.refresh(tour.ada.refreshToken)
            #expect(renewed.status == 200, "\(renewed.text)")
            let access = Secret(try #require(renewed.json["accessToken"]?.stringValue))
            let refresh = Secret(try #require(renewed.json["refreshToken"]?.stringValue))
            #expect(try await tour.caller(access).get("/api/auth/me").json["email"] == tour.ada.email)
            #expect(try await tour.signOut(refresh).status == 200)
            for token in [access, tour.ada.accessToken] {
                #expect(try await tour.caller(token).get("/api/auth/me").status == 401)
            }
            for token in [refresh, tour.ada.refreshToken] {
                let answer = try await tour.refresh(token)
                #expect(answer.status == 401)
                #expect(try answer.errorCode == "invalid_token")
            }
            #expect(try await tour.bob.api.get("/api/auth/me").status == 200, "others stay signed in")

            // The answer to a refresh can be lost, so a few repetitions within seconds are forgiven, and no more.
            var answer = try await tour.refresh(tour.bob.refreshToken)
            #expect(answer.status == 200)
            for _ in 0..<10 where answer.status == 200 { answer = try await tour.refresh(tour.bob.refreshToken) }
            #expect(answer.status == 401)
            #expect(try answer.errorCode == "token_reused")
            #expect(try await tour.bob.api.get("/api/auth/me").status == 401)
        }
    }

    @Test("Whoever is removed from a place hears no more of it, and of the station: the WebSocket closes with 4401")
    func removal() async throws {
        try await APITour.run { tour in
            let boiler = try await tour.agent.play(tour.device, token: tour.deviceToken)
            try await LiveProbe.run(port: tour.agent.port, token: tour.ada.accessToken) { owner in
                try await LiveProbe.run(port: tour.agent.port, token: tour.bob.accessToken) { viewer in
                    try await owner.message("hello")
                    try await viewer.message("hello")
                    let removed = try await tour.ada.api.delete("/api/places/\(tour.place)/members/\(tour.bob.id)")
                    #expect(removed.status == 200, "\(removed.text)")
                    try await viewer.message("resync_required")
                    try await boiler.report("temperature", 1)
                    try await owner.message("device_state")

                    let left = try await tour.ada.api.delete("/api/user-management/members/\(tour.bob.id)")
                    #expect(left.status == 204, "\(left.text)")
                    #expect(try await viewer.closed() == 4401)
                    #expect(!viewer.messages.contains { $0["type"] == "device_state" })
                }
            }
            #expect(try await tour.bob.api.get("/api/auth/me").status == 401)
            #expect(try await tour.refresh(tour.bob.refreshToken).status == 401)
        }
    }
}
