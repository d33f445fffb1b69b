import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Making, changing and removing devices")
struct DeviceLifeTests {
    private static let noID = "01890000-0000-7000-8000-000000000001"

    @Test("A new device is shown with its token, once")
    func create() async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.api.post(
                "/api/devices",
                json: ["name": "  Lamp 💡 ", "type": "light", "externalId": "kitchen-1", "zoneId": .null]
            )
            #expect(answer.status == 201)
            let json = try answer.json
            #expect(json["device", "name"] == "Lamp 💡")
            #expect(json["device", "externalId"] == "kitchen-1")
            #expect(json["device", "status"] == "offline")
            #expect(json["device", "statusReason"] == "never_seen")
            #expect(json["token"]?.stringValue?.count == 43)
            #expect(answer["Cache-Control"] == "no-store")
            let location = try #require(answer["Location"])
            #expect(location == "/api/devices/\(json["device", "id"]?.stringValue ?? "")")
            let shown = try await station.api.get(location)
            #expect(try shown.json == json["device"])
            #expect(!shown.text.contains(try #require(json["token"]?.stringValue)))
        }
    }

    @Test("Without an external id the device's own id is its name on the broker")
    func createMinimal() async throws {
        try await LocalAPIFixture.run { station in
            let json = try await station.api.post("/api/devices", json: ["name": "X"]).json
            #expect(json["device", "externalId"] == json["device", "id"])
            #expect(json["device", "type"] == .null)
        }
    }

    @Test("All faults of a new device are told at once, and nothing is made")
    func createFaults() async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.api.post(
                "/api/devices",
                json: ["type": "toaster", "externalId": "a/b", "placeId": "home", "zoneId": 7, "color": "red"]
            )
            try expectError(answer, 422, "validation_failed")
            #expect(
                try faults(answer) == [
                    "body.name missing", "body.type value_error", "body.externalId value_error",
                    "body.placeId type_error", "body.zoneId type_error", "body.color extra_forbidden",
                ]
            )
            let text = answer.text
            #expect(text.contains("climate, light, pir, switch-pir"))
            #expect(text.contains("name, type, externalId, placeId, zoneId"))
            #expect(station.hub.devices().isEmpty)
        }
    }

    @Test(
        "A name that is none is refused",
        arguments: [
            .null, 7, "", "   ", "\n\t", .string(String(repeating: "x", count: 256)), "a\u{0}b", "line\nbreak",
        ] as [JSONValue]
    )
    func badNames(name: JSONValue) async throws {
        try await LocalAPIFixture.run { station in
            let created = try await station.api.post("/api/devices", json: ["name": name])
            #expect(created.status == 422)
            #expect(try faults(created).count == 1)
            let device = try await station.addDevice("Fine")
            let changed = try await station.api.patch("/api/devices/\(device.id)", json: ["name": name])
            #expect(changed.status == 422)
            #expect(station.hub.device(device.id)?.name == "Fine")
        }
    }

    @Test("A name may have 255 characters of any script")
    func longestName() async throws {
        try await LocalAPIFixture.run { station in
            let name = String(repeating: "ü", count: 255)
            let answer = try await station.api.post("/api/devices", json: ["name": .string(name)])
            #expect(try answer.json["device", "name"] == .string(name))
        }
    }

    @Test("An external id that is taken is a conflict that names the other device")
    func conflict() async throws {
        try await LocalAPIFixture.run { station in
            let body: JSONValue = ["name": "First", "externalId": "abc"]
            expectStatus(try await station.api.post("/api/devices", json: body), 201)
            let answer = try await station.api.post("/api/devices", json: body)
            try expectError(answer, 409, "conflict")
            #expect(answer.text.contains("First"))
        }
    }

    @Test("A place or a zone that does not exist is a fault of its field", arguments: ["placeId", "zoneId"])
    func unknownPlace(field: String) async throws {
        try await LocalAPIFixture.run { station in
            let answer = try await station.api.post(
                "/api/devices", json: .object(["name": "X", field: .string(Self.noID)])
            )
            try expectError(answer, 422, "validation_failed")
            #expect(try faults(answer) == ["body.\(field) value_error"])
        }
    }

    @Test("A change applies to what it names and leaves the rest")
    func change() async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("Old", type: "light", reporting: ["on": true])
            let answer = try await station.api.patch("/api/devices/\(device.id)", json: ["name": "New"])
            #expect(answer.status == 200)
            let json = try answer.json
            #expect(json["name"] == "New")
            #expect(json["type"] == "light")
            #expect(json["lastKnownState"] == ["on": true])
            let typed = try await station.api.patch(
                "/api/devices/\(device.id)",
                json: ["type": "pir", "zoneId": .null, "placeId": .string("\(device.placeID)")]
            )
            #expect(try typed.json["type"] == "pir")
            #expect(try await station.api.get("/api/devices/\(device.id)").json == typed.json)
            expectStatus(try await station.api.patch("/api/devices/\(device.id)", json: [:]), 200)
        }
    }

    @Test("A change with faults changes nothing")
    func changeFaults() async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("Old", type: "light")
            let answer = try await station.api.patch(
                "/api/devices/\(device.id)",
                json: [
                    "name": "New", "type": .null, "placeId": .null, "zoneId": "x", "externalId": "other",
                    "status": "online",
                ]
            )
            try expectError(answer, 422, "validation_failed")
            #expect(
                try faults(answer) == [
                    "body.type type_error", "body.placeId type_error", "body.zoneId type_error",
                    "body.externalId extra_forbidden", "body.status extra_forbidden",
                ]
            )
            #expect(station.hub.device(device.id) == device)
        }
    }

    @Test("A device that is removed is gone, and removing it again finds nothing")
    func remove() async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("Gone")
            let answer = try await station.api.delete("/api/devices/\(device.id)")
            #expect(answer.status == 204)
            #expect(answer.body.isEmpty)
            #expect(answer["Content-Length"] == nil)
            try expectError(try await station.api.get("/api/devices/\(device.id)"), 404, "device_not_found")
            try expectError(try await station.api.delete("/api/devices/\(device.id)"), 404, "device_not_found")
            #expect(station.desk.sent.isEmpty)
        }
    }

    @Test("With factoryReset the device is told before it is removed")
    func removeWithReset() async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("Gone")
            expectStatus(try await station.api.delete("/api/devices/\(device.id)?factoryReset=true"), 204)
            #expect(station.desk.sent.map(\.action) == ["factory_reset"])
            #expect(station.hub.device(device.id) == nil)
        }
    }

    @Test("With factoryReset and no broker nothing is removed")
    func removeWithResetAndNoBroker() async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("Stays")
            station.desk.behave(.refuses(CommandDeliveryError.brokerUnavailable("connection refused")))
            let answer = try await station.api.delete("/api/devices/\(device.id)?factoryReset=true")
            try expectError(answer, 503, "broker_unavailable")
            #expect(station.hub.device(device.id) != nil)
        }
    }

    @Test(
        "A mistyped factoryReset removes nothing",
        arguments: ["factoryreset=true", "factoryReset=yes", "factoryReset="])
    func mistypedReset(query: String) async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("Stays")
            let answer = try await station.api.delete("/api/devices/\(device.id)?\(query)")
            try expectError(answer, 422, "validation_failed")
            #expect(station.hub.device(device.id) != nil)
        }
    }

    @Test("A renewed token differs from the last and is not to be cached")
    func renewToken() async throws {
        try await LocalAPIFixture.run { station in
            let created = try await station.api.post("/api/devices", json: ["name": "X"]).json
            let id = try #require(created["device", "id"]?.stringValue)
            let answer = try await station.api.post("/api/devices/\(id)/token")
            #expect(answer.status == 200)
            let token = try #require(try answer.json["token"]?.stringValue)
            #expect(token.count == 43)
            #expect(token != created["token"]?.stringValue)
            #expect(try answer.json["deviceId"] == .string(id))
            #expect(answer["Cache-Control"] == "no-store")
            #expect(!station.log.text.contains(token))
        }
    }

    @Test(
        "What is no device's id finds no device",
        arguments: [
            Self.noID, "1", "not-a-uuid", "%2e%2e", "01890000-0000-7000-8000-00000000000%31", "%zz", "%00", "%2531",
        ]
    )
    func unknownIDs(id: String) async throws {
        try await LocalAPIFixture.run { station in
            let path = "/api/devices/\(id)"
            try expectError(try await station.api.get(path), 404, "device_not_found")
            try expectError(try await station.api.patch(path, json: ["name": "X"]), 404, "device_not_found")
            try expectError(try await station.api.delete(path), 404, "device_not_found")
            try expectError(try await station.api.post("\(path)/token"), 404, "device_not_found")
            try expectError(
                try await station.api.post("\(path)/command", json: ["action": "x"]), 404, "device_not_found")
            try expectError(try await station.api.get("\(path)/readings"), 404, "device_not_found")
        }
    }

    @Test("An id in the path is decoded once")
    func decodedOnce() async throws {
        try await LocalAPIFixture.run { station in
            let device = try await station.addDevice("X")
            let start = device.id.description.dropLast()
            let hex = String(try #require(device.id.description.utf8.last), radix: 16)
            expectStatus(try await station.api.get("/api/devices/\(start)%\(hex)"), 200)
            expectStatus(try await station.api.get("/api/devices/\(start)%25\(hex)"), 404)
        }
    }

    @Test("When the store is broken, what needs it says so and what does not goes on")
    func storeBroken() async throws {
        try await TemporaryDirectory.run { directory in
            let file = directory.path("station.sqlite")
            let database = try StationDatabase.open(path: file)
            try await LocalAPIFixture.run(database: database) { station in
                let device = try await station.addDevice("X")
                let path = "/api/devices/\(device.id)"
                let vandal = try await ChildProcess(
                    "/usr/bin/sqlite3",
                    [file, "PRAGMA writable_schema=ON; DELETE FROM sqlite_master; PRAGMA schema_version=9999;"],
                    output: directory.url.appending(path: "sqlite3.log")
                )
                try await eventually("the store is broken") { !vandal.isRunning }
                try #require(vandal.exitCode == 0, "\(vandal.output)")
                for answer in [
                    try await station.api.post("/api/devices", json: ["name": "Y"]),
                    try await station.api.patch(path, json: ["name": "Y"]),
                    try await station.api.delete(path),
                    try await station.api.post("\(path)/token"),
                    try await station.api.get("\(path)/readings"),
                    try await station.api.get("/api/device-events"),
                ] {
                    try expectError(answer, 503, "store_unavailable")
                    #expect(!answer.text.contains("table") && !answer.text.contains("station.sqlite"))
                }
                expectStatus(try await station.api.get(path), 200)
                expectStatus(try await station.stranger.get("/health"), 503)
            }
            try database.close()
        }
    }
}
