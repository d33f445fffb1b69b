import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The devices of a place, their sensors and actuators")
struct PlaceDeviceTests {
    @Test("A device is added with a token of 43 url-safe characters, renamed, given a new token and removed")
    func life() async throws {
        try await PlaceScene.run { scene in
            let made = try await scene.send("POST", "\(scene.path)/devices", as: .admin, ["name": "Lamp"])
            expectStatus(made, 201)
            #expect(made["Cache-Control"] == "no-store")
            let id = try #require(try made.json["device_id"]?.stringValue)
            let token = try #require(try made.json["token"]?.stringValue)
            #expect(token.count == 43)
            let path = "\(scene.path)/devices/\(id)"
            let shown = try await scene.send("GET", path, as: .viewer).json
            #expect(
                Set(shown.objectValue?.members.map(\.key) ?? []) == [
                    "device_id", "place_id", "name", "status", "last_seen_at", "created_at", "updated_at", "sensors",
                    "actuators",
                ]
            )
            #expect(shown["place_id"] == .string(scene.place.description))
            #expect(shown["status"] == "offline")
            #expect(try await scene.send("PUT", path, ["name": "Light"]).json == ["device_id": .string(id)])
            #expect(try await scene.send("GET", path).json["name"] == "Light")
            let renewed = try await scene.send("POST", "\(path)/regenerate-token")
            #expect(try renewed.json["token"]?.stringValue?.count == 43)
            #expect(try renewed.json["token"] != .string(token))
            let gone = try await scene.send("DELETE", path)
            #expect(try gone.json == ["success": true, "warnings": []])
            for path in [path, "\(scene.path)/devices/no-uuid"] {
                try expectError(try await scene.send("GET", path), 404, "device_not_found")
            }
        }
    }

    @Test("The list is a page, newest first, of this place only; pages that cannot be are refused")
    func list() async throws {
        try await PlaceScene.run { scene in
            _ = try await scene.station.addDevice("Elsewhere")
            for number in 1...3 { _ = try await scene.addDevice("D\(number)") }
            let path = "\(scene.path)/devices"
            let all = try await scene.send("GET", path).json
            #expect(all["items"]?.arrayValue?.map { $0["name"] } == ["D3", "D2", "D1"])
            #expect(all["total"] == 3 && all["page"] == 1 && all["per_page"] == 20)
            #expect(all["has_next"] == false && all["has_prev"] == false)
            let second = try await scene.send("GET", "\(path)?page=2&per_page=2").json
            #expect(second["items"]?.arrayValue?.map { $0["name"] } == ["D1"])
            #expect(second["has_next"] == false && second["has_prev"] == true)
            for query in ["page=0", "per_page=0", "per_page=101", "page=x", "perPage=2"] {
                try expectError(try await scene.send("GET", "\(path)?\(query)"), 422, "validation_failed")
            }
        }
    }

    @Test("A sensor is added, changed and deleted; what is left out of a change stays")
    func sensors() async throws {
        try await PlaceScene.run { scene in
            let device = try await scene.addDevice()
            let path = "\(scene.path(of: device))/sensors"
            let made = try await scene.send("POST", path, ["key": "t", "name": "Attic", "unit_label": "°C"])
            expectStatus(made, 201)
            let id = try #require(try made.json["sensor_id"]?.stringValue)
            try expectError(try await scene.send("POST", path, ["key": "t", "name": "Again"]), 409, "conflict")
            let changed = try await scene.send("PUT", "\(path)/\(id)", ["precision": 0])
            #expect(try changed.json == ["sensor_id": .string(id)])
            let listed = try await scene.send("GET", path, as: .viewer).json["sensors"]
            let expected: JSONValue = [
                [
                    "sensor_id": .string(id), "device_id": .string(device.id.description), "key": "t",
                    "name": "Attic", "value_type": "number", "unit_label": "°C", "precision": 0,
                ]
            ]
            #expect(listed == expected)
            for (method, body, fault) in [
                ("POST", ["key": "k"], "body.name missing"),
                ("POST", ["key": "k", "name": "N", "value_type": "enum"], "body.value_type value_error"),
                ("POST", ["key": "", "name": "N"], "body.key value_error"),
                ("POST", ["key": "k", "name": "N", "precision": .number(1.5)], "body.precision type_error"),
                ("POST", ["key": "k", "name": "N", "precision": 99], "body.precision value_error"),
                ("PUT", ["key": "other"], "body.key extra_forbidden"),
                ("PUT", ["value_type": "boolean"], "body.value_type extra_forbidden"),
                ("PUT", ["name": .null], "body.name type_error"),
            ] as [(String, JSONValue, String)] {
                let answer = try await scene.send(method, method == "PUT" ? "\(path)/\(id)" : path, body)
                try expectError(answer, 422, "validation_failed")
                #expect(try faults(answer) == [fault])
            }
            #expect(try await scene.send("DELETE", "\(path)/\(id)").json == ["success": true])
            for id in [id, "no-uuid"] {
                try expectError(try await scene.send("DELETE", "\(path)/\(id)"), 404, "sensor_not_found")
            }
        }
    }

    @Test("An actuator keeps null and 0 apart, and is refused what cannot be")
    func actuators() async throws {
        try await PlaceScene.run { scene in
            let device = try await scene.addDevice()
            let path = "\(scene.path(of: device))/actuators"
            let body: JSONValue = ["key": "dial", "name": "Dial", "min_value": 0, "max_value": .null]
            let made = try await scene.send("POST", path, body)
            expectStatus(made, 201)
            let id = try #require(try made.json["actuator_id"]?.stringValue)
            func shown() async throws -> JSONValue? {
                try await scene.send("GET", path).json["actuators"]?.arrayValue?.first
            }
            let first = try #require(try await shown())
            #expect(first["min_value"] == 0 && first["max_value"] == .null && first["step"] == .null)
            #expect(first["enum_options"] == .null)
            let change: JSONValue = ["max_value": 0, "min_value": .null, "step": .number(0.5)]
            expectStatus(try await scene.send("PUT", "\(path)/\(id)", change), 200)
            expectStatus(try await scene.send("PUT", "\(path)/\(id)", ["name": "Knob"]), 200)
            let second = try #require(try await shown())
            #expect(second["min_value"] == .null && second["max_value"] == 0)
            #expect(second["step"] == .number(0.5) && second["name"] == "Knob")
            for (body, fault) in [
                (["key": "k", "name": "N", "min_value": 2, "max_value": 1], "body.min_value value_error"),
                (["key": "k", "name": "N", "step": 0], "body.step value_error"),
                (["key": "k", "name": "N", "value_type": "enum"], "body.enum_options value_error"),
                (
                    ["key": "k", "name": "N", "value_type": "enum", "enum_options": ["a", 1]],
                    "body.enum_options type_error"
                ),
                (["key": "k", "name": "N", "min_value": "0"], "body.min_value type_error"),
            ] as [(JSONValue, String)] {
                let answer = try await scene.send("POST", path, body)
                try expectError(answer, 422, "validation_failed")
                #expect(try faults(answer) == [fault])
            }
            // A sensor of the same key is no conflict, another actuator is.
            let same: JSONValue = ["key": "dial", "name": "D"]
            expectStatus(try await scene.send("POST", "\(scene.path(of: device))/sensors", same), 201)
            try expectError(try await scene.send("POST", path, same), 409, "conflict")
            #expect(try await scene.send("DELETE", "\(path)/\(id)").json == ["success": true])
            try expectError(try await scene.send("PUT", "\(path)/\(id)", ["name": "X"]), 404, "actuator_not_found")
        }
    }

    @Test("A command sets an actuator; what it cannot be set to is 422 and nothing is published")
    func commands() async throws {
        try await PlaceScene.run { scene in
            let lamp = try await scene.addDevice("Lamp", type: "light")
            let path = "\(scene.path(of: lamp))/command"
            let answer = try await scene.send("POST", path, as: .admin, ["actuator_key": "on", "value": "true"])
            expectStatus(answer, 200)
            #expect(try answer.json == ["success": true])
            #expect(scene.station.desk.sent.map(\.body) == [["action": "turn_on"]])
            for (key, value) in [("on", "yes"), ("brightness", "101"), ("brightness", "0.5"), ("brightness", "nan")] {
                let answer = try await scene.send(
                    "POST", path, ["actuator_key": .string(key), "value": .string(value)]
                )
                try expectError(answer, 422, "validation_failed")
                #expect(try faults(answer) == ["body.value value_error"])
            }
            let number = try await scene.send("POST", path, ["actuator_key": "brightness", "value": 5])
            #expect(try faults(number) == ["body.value type_error"])
            try expectError(
                try await scene.send("POST", path, ["actuator_key": "colour", "value": "red"]), 404,
                "actuator_not_found"
            )
            let made: JSONValue = ["key": "speed", "name": "Speed"]
            expectStatus(try await scene.send("POST", "\(scene.path(of: lamp))/actuators", made), 201)
            let unknown = try await scene.send("POST", path, ["actuator_key": "speed", "value": "1"])
            #expect(try faults(unknown) == ["body.actuator_key value_error"])
            #expect(scene.station.desk.sent.count == 1)

            scene.station.desk.behave(.refuses(CommandDeliveryError.brokerUnavailable("away")))
            let away = try await scene.send("POST", path, ["actuator_key": "on", "value": "true"])
            try expectError(away, 503, "broker_unavailable")
        }
    }
}
