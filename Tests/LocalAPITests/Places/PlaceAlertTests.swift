import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Telemetry, thresholds and alerts of a place")
struct PlaceAlertTests {
    /// A thermometer in the flat with a limit of 30.
    private func thermometer(
        _ scene: PlaceScene, _ body: JSONValue = ["type": "max", "value": 30]
    ) async throws -> (device: Device, sensor: SensorID, thresholds: String) {
        let device = try await scene.addDevice("Thermometer", type: "climate")
        let sensor = try #require(try await scene.station.hub.sensors(of: device.id).first).id
        let path = "\(scene.path(of: device))/sensors/\(sensor)/thresholds"
        expectStatus(try await scene.send("POST", path, body), 201)
        return (device, sensor, path)
    }

    @Test("A threshold is set, listed and taken away; what cannot be is refused by its field")
    func thresholds() async throws {
        try await PlaceScene.run { scene in
            let body: JSONValue = [
                "type": "min", "value": .number(5.5), "severity": "critical", "clear_band": 0, "for_seconds": 60,
            ]
            let (_, sensor, path) = try await self.thermometer(scene, body)
            let listed = try await scene.send("GET", path, as: .viewer).json["thresholds"]?.arrayValue
            let threshold = try #require(listed?.first?.objectValue)
            let id = try #require(threshold["threshold_id"]?.stringValue)
            let expected: JSONObject = [
                "threshold_id": .string(id), "sensor_id": .string(sensor.description), "type": "min",
                "value": .number(5.5), "severity": "critical", "clear_band": 0, "for_seconds": 60,
            ]
            #expect(threshold == expected)
            for (body, fault) in [
                (["type": "max"], "body.value missing"), (["type": "mean", "value": 1], "body.type value_error"),
                (["type": "max", "value": "1"], "body.value type_error"),
                (["type": "max", "value": 1, "severity": "bad"], "body.severity value_error"),
                (["type": "max", "value": 1, "clear_band": -1], "body.clear_band value_error"),
                (["type": "max", "value": 1, "for_seconds": -1], "body.for_seconds value_error"),
                (["type": "max", "value": 1, "for_seconds": .number(0.5)], "body.for_seconds type_error"),
            ] as [(JSONValue, String)] {
                let answer = try await scene.send("POST", path, body)
                try expectError(answer, 422, "validation_failed")
                #expect(try faults(answer) == [fault])
            }
            #expect(try await scene.send("DELETE", "\(path)/\(id)").json == ["success": true])
            try expectError(try await scene.send("DELETE", "\(path)/\(id)"), 404, "threshold_not_found")
        }
    }

    @Test("An alert is listed, counted, filtered and ended, once, by whoever manages its place")
    func alerts() async throws {
        try await PlaceScene.run { scene in
            let (device, sensor, _) = try await self.thermometer(scene)
            let path = "\(scene.path)/alerts"
            for value in [31, 34, 33] as [JSONValue] {
                await scene.station.report(["temperature": value], from: device)
            }
            let page = try await scene.send("GET", path, as: .viewer).json
            #expect(page["total"] == 1 && page["has_next"] == false)
            let alert = try #require(page["items"]?.arrayValue?.first)
            #expect(alert["status"] == "active" && alert["resolved_at"] == .null)
            #expect(alert["value"] == 31 && alert["last_value"] == 33 && alert["peak_value"] == 34)
            #expect(alert["count"] == 3 && alert["threshold_value"] == 30 && alert["threshold_type"] == "max")
            #expect(alert["place_id"] == .string(scene.place.description) && alert["severity"] == "warning")
            #expect(alert["key"] == "temperature")

            func total(_ query: String) async throws -> JSONValue? {
                try await scene.send("GET", "\(path)?\(query)").json["total"]
            }
            #expect(try await total("status=active&severity=warning&sensor_id=\(sensor)&device_id=\(device.id)") == 1)
            #expect(try await total("status=resolved") == 0)
            #expect(try await total("severity=critical") == 0)
            #expect(try await total("to=2020-01-01T00:00:00Z") == 0)
            for query in ["status=open", "severity=x", "sensor_id=x", "from=yesterday", "per_page=101"] {
                try expectError(try await scene.send("GET", "\(path)?\(query)"), 422, "validation_failed")
            }

            func counts(_ person: PlaceScene.Person) async throws -> JSONValue {
                try await scene.send("GET", "/api/alerts/count", as: person).json
            }
            let one: JSONValue = ["total_unresolved": 1, "by_place": [scene.place.description: 1]]
            let none: JSONValue = ["total_unresolved": 0, "by_place": [:]]
            #expect(try await counts(.viewer) == one)
            #expect(try await counts(.stationOwner) == one)
            #expect(try await counts(.stranger) == none)
            #expect(try await scene.send("GET", "\(path)/count", as: .viewer).json == ["unresolved": 1])

            let id = try #require(alert["id"]?.stringValue)
            try expectError(try await scene.send("POST", "\(path)/\(id)/resolve", as: .viewer), 403, "forbidden")
            // Of another place's alert one need not be told, though one owns a place.
            let other = try await scene.send("POST", "/api/places", as: .stranger, ["name": "Hut"])
            let hut = try #require(try other.json["place_id"]?.stringValue)
            try expectError(
                try await scene.send("POST", "/api/places/\(hut)/alerts/\(id)/resolve", as: .stranger), 404,
                "alert_not_found"
            )
            let resolved = try await scene.send("POST", "\(path)/\(id)/resolve", as: .admin)
            expectStatus(resolved, 200)
            #expect(try resolved.json["status"] == "resolved")
            #expect(try resolved.json["resolved_at"]?.stringValue != nil)
            try expectError(try await scene.send("POST", "\(path)/\(id)/resolve"), 404, "alert_not_found")
            #expect(try await counts(.viewer) == none)
            #expect(try await total("status=resolved") == 1)
        }
    }

    // MARK: Telemetry

    @Test("The latest values are there at once, booleans as 1 and 0")
    func latest() async throws {
        try await PlaceScene.run { scene in
            let lamp = try await scene.addDevice("Lamp", type: "light")
            await scene.station.report(["on": true, "brightness": .number(40.5)], from: lamp)
            let answer = try await scene.send("GET", "\(scene.path(of: lamp))/telemetry/latest", as: .viewer)
            let readings = try #require(try answer.json["readings"]?.arrayValue)
            #expect(readings.map { $0["key"] } == ["brightness", "on"])
            #expect(readings.map { $0["value"] } == [.number(40.5), 1])
            #expect(readings.allSatisfy { $0["time"]?.stringValue != nil })
        }
    }

    @Test("History is raw in [from, to), or in buckets on the grid of time with gaps as nulls")
    func history() async throws {
        try await PlaceScene.run { scene in
            let device = try await scene.addDevice("Thermometer", type: "climate")
            let now = SystemStationClock().wallTime
            let minute = Timestamp(milliseconds: now.milliseconds / 60_000 * 60_000 - 600_000)
            for (second, value) in [(0, 20.0), (30, 22), (150, 25)] {
                await scene.station.report(
                    ["temperature": .number(value)], from: device,
                    measuredAt: minute.adding(.seconds(Double(second)))
                )
            }
            let path = "\(scene.path(of: device))/telemetry/history"
            func series(_ from: Int, _ to: Int, _ rest: String) async throws -> JSONValue? {
                let times = "from=\(minute.adding(.seconds(from)))&to=\(minute.adding(.seconds(to)))"
                return try await scene.send("GET", "\(path)?\(times)\(rest)", as: .viewer).json["series"]
            }
            let raw = try #require(try await series(0, 150, "")?.arrayValue?.first)
            #expect(raw["key"] == "temperature" && raw["points"] == [])
            #expect(raw["raw_points"]?.arrayValue?.map { $0["value"] } == [20, 22])
            let buckets = try #require(try await series(10, 200, "&interval=60")?.arrayValue?.first)
            #expect(buckets["raw_points"] == [])
            let points = buckets["points"]?.arrayValue ?? []
            #expect(
                points.map { $0["time"] }
                    == [0, 60, 120, 180].map { .string(minute.adding(.seconds($0)).description) }
            )
            #expect(points.map { $0["avg"] } == [22, .null, 25, .null])
            #expect(points.map { $0["max"] } == [22, .null, 25, .null])
            #expect(try await series(0, 600, "&keys=humidity,pressure") == [])
        }
    }

    @Test(
        "What history cannot show is refused",
        arguments: [
            ("", ["query.from missing", "query.to missing"]),
            ("from=2026-01-01T00:00:00Z", ["query.to missing"]),
            ("from=x&to=2026-01-01T00:00:00Z", ["query.from type_error"]),
            ("from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", ["query.from value_error"]),
            ("from=2026-01-01T00:00:00Z&to=2026-01-01T02:00:00.001Z", ["query.interval value_error"]),
            ("from=2026-01-01T00:00:00Z&to=2026-01-01T02:00:00Z&interval=-1", ["query.interval value_error"]),
            ("from=2026-01-01T00:00:00Z&to=2026-02-01T02:00:00Z&interval=60", ["query.interval value_error"]),
            ("from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z&interval=1m", ["query.interval type_error"]),
        ]
    )
    func refused(query: String, expected: [String]) async throws {
        try await PlaceScene.run { scene in
            let device = try await scene.addDevice()
            let answer = try await scene.send("GET", "\(scene.path(of: device))/telemetry/history?\(query)")
            try expectError(answer, 422, "validation_failed")
            #expect(try faults(answer) == expected)
        }
    }
}
