import StationCore
import StationTestSupport
import Testing

@Suite("Readings and events")
struct HistoryTests {
    private static let noon = Timestamp(milliseconds: 1_795_000_000_000)

    private func series(_ answer: HTTPAnswer) throws -> [String: JSONValue] {
        let series = try #require(try answer.json["series"]?.arrayValue)
        return Dictionary(uniqueKeysWithValues: series.map { ($0["key"]?.stringValue ?? "", $0) })
    }

    @Test("What a device has just reported is among its readings, with the type's units")
    func lastHour() async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice(
                "Balcony", type: "climate", reporting: ["temperature": .number(21.5), "humidity": 60]
            )
            let answer = try await station.api.get("/api/devices/\(device.id)/readings")
            #expect(answer.status == 200)
            #expect(try answer.json["deviceId"] == .string(device.id.description))
            let series = try self.series(answer)
            #expect(series["temperature"]?["unit"] == "°C")
            let point = try #require(series["temperature"]?["points"]?.arrayValue?.first)
            #expect(point["value"] == .number(21.5))
            #expect(point["time"]?.stringValue.flatMap { Timestamp(iso8601: $0) } != nil)
            #expect(series["humidity"]?["points"]?.arrayValue?.first?["value"] == 60)
        }
    }

    @Test("Keys may be repeated or listed", arguments: ["key=temperature&key=humidity", "key=temperature,humidity"])
    func keys(query: String) async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice(
                "B", type: "climate", reporting: ["temperature": 1, "humidity": 2, "pressure": 3]
            )
            let answer = try await station.api.get("/api/devices/\(device.id)/readings?\(query)")
            #expect(Set(try self.series(answer).keys) == ["temperature", "humidity"])
        }
    }

    @Test("Buckets hold average, least, greatest and number", arguments: ["3600", "3600s", "60m", "1h"])
    func buckets(interval: String) async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("B", type: "climate")
            let now = SystemStationClock().wallTime
            let hour = Timestamp(milliseconds: now.milliseconds / 3_600_000 * 3_600_000 - 3_600_000)
            for (minutes, value) in [(1, 10.0), (2, 20), (59, 60)] {
                await station.report(
                    ["temperature": JSONValue(value)], from: device, measuredAt: hour.adding(.seconds(minutes * 60))
                )
            }
            let answer = try await station.api.get(
                "/api/devices/\(device.id)/readings?from=\(hour)&to=\(hour.adding(.seconds(3600)))&interval=\(interval)"
            )
            #expect(
                try self.series(answer)["temperature"]?["points"] == [
                    ["time": .string(hour.description), "avg": 30, "min": 10, "max": 60, "count": 3]
                ]
            )
        }
    }

    @Test(
        "A span or an interval that cannot be is refused",
        arguments: [
            ("from=2026-01-01T00:00:00Z&to=2026-01-01T02:00:01Z", "query.interval missing"),
            ("from=2026-01-01T02:00:00Z&to=2026-01-01T02:00:00Z", "query.from value_error"),
            ("from=2026-01-02&to=2026-01-01", "query.from value_error"),
            ("from=yesterday", "query.from type_error"), ("to=12", "query.to type_error"),
            ("interval=0", "query.interval value_error"), ("interval=0s", "query.interval value_error"),
            ("interval=-60", "query.interval type_error"), ("interval=1.5", "query.interval type_error"),
            ("interval=1w", "query.interval type_error"), ("interval=", "query.interval type_error"),
            ("interval=9999999999", "query.interval type_error"), ("interval=32d", "query.interval value_error"),
            ("from=2026-01-01T00:00:00Z&to=2026-01-01T01:23:21Z&interval=1", "query.interval value_error"),
            ("key=", "query.key value_error"), ("page=1", "query.page extra_forbidden"),
        ]
    )
    func refusals(query: String, fault: String) async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("B", type: "climate")
            let answer = try await station.api.get("/api/devices/\(device.id)/readings?\(query)")
            try expectError(answer, 422, "validation_failed")
            #expect(try faults(answer) == [fault])
        }
    }

    @Test(
        "The widest spans that are allowed are answered",
        arguments: [
            "from=2026-01-01T00:00:00Z&to=2026-01-01T02:00:00Z",
            "from=2026-01-01T00:00:00Z&to=2026-01-01T01:23:20Z&interval=1",
            "from=2026-01-01&to=2026-12-01&interval=31d", "from=2026-01-01T02:00:00%2B02:00&to=2026-01-01T00:30:00Z",
        ]
    )
    func widest(query: String) async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("B", type: "climate")
            let answer = try await station.api.get("/api/devices/\(device.id)/readings?\(query)")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.json["series"] == [])
        }
    }

    @Test("The feed shows what happened, newest first, as the contract shapes it")
    func events() async throws {
        try await LocalAPIFixture.run { station in
            let lamp = try await station.addDevice("Lamp", type: "light", reporting: ["on": false])
            await station.report(["on": true], from: lamp)
            let other = try await station.addDevice("Other", reporting: ["x": 1])
            let answer = try await station.api.get("/api/device-events")
            let events = try #require(try answer.json.arrayValue)
            #expect(answer["X-Total-Count"] == "\(events.count)")
            let ids = events.compactMap { $0["id"]?.stringValue }
            #expect(ids.count >= 3 && ids == ids.sorted(by: >))
            let transition = try #require(events.first { $0["eventType"] == "state_transition" })
            #expect(
                transition.objectValue?.members.map(\.key) == [
                    "id", "deviceId", "deviceName", "deviceType", "eventType", "payload", "createdAt",
                ]
            )
            #expect(transition["deviceId"] == .string(lamp.id.description))
            #expect(transition["deviceName"] == "Lamp")
            #expect(transition["deviceType"] == "light")
            #expect(transition["payload"] == ["key": "on", "oldValue": false, "newValue": true])

            let ofOther = try await station.api.get("/api/device-events?deviceId=\(other.id)").json.arrayValue
            #expect(ofOther?.isEmpty == false)
            #expect(ofOther?.allSatisfy { $0["deviceId"] == .string(other.id.description) } == true)
            let typed = try await station.api.get("/api/device-events?type=state_transition")
            #expect(try typed.json.arrayValue?.count == 1)
            let page = try await station.api.get("/api/device-events?page=2&perPage=1").json
            #expect(page["items"]?.arrayValue?.compactMap { $0["id"]?.stringValue } == [ids[1]])
            #expect(page["total"] == .integer(Int64(events.count)))
            #expect(page["hasPrev"] == true)
        }
    }

    @Test("The feed can be narrowed to a span of time")
    func eventSpan() async throws {
        try await LocalAPIFixture.run { station in
            _ = try await station.addDevice("Lamp", reporting: ["on": true])
            let all = try await station.api.get("/api/device-events?from=2020-01-01").json.arrayValue
            #expect(all?.isEmpty == false)
            #expect(try await station.api.get("/api/device-events?to=2020-01-01").json == [])
            #expect(try await station.api.get("/api/device-events?from=2090-01-01").json == [])
        }
    }

    @Test("All faults of a feed's query are told at once")
    func eventFaults() async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.api.get(
                "/api/device-events?deviceId=x&type=party&from=2026-01-02&to=2026-01-01&page=x&limit=5"
            )
            try expectError(answer, 422, "validation_failed")
            #expect(
                try faults(answer) == [
                    "query.deviceId type_error", "query.type value_error", "query.from value_error",
                    "query.page type_error", "query.limit extra_forbidden",
                ]
            )
        }
    }
}
