import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Places and their members")
struct PlaceRouteTests {
    @Test("A place is made, listed with the caller's role, changed and deleted")
    func life() async throws {
        try await PlaceScene.run { scene in
            let made = try await scene.send("POST", "/api/places", as: .stranger, ["name": " Hut "])
            expectStatus(made, 201)
            let id = try #require(try made.json["place_id"]?.stringValue)
            #expect(made["Location"] == "/api/places/\(id)")
            let shown = try await scene.send("GET", "/api/places/\(id)", as: .stranger).json
            #expect(shown["name"] == "Hut")
            #expect(shown["description"] == "")
            #expect(shown["user_role"] == "owner")

            let changed = try await scene.send("PUT", "/api/places/\(id)", as: .stranger, ["description": "Wood"])
            #expect(try changed.json == ["place_id": .string(id)])
            #expect(try await scene.send("GET", "/api/places/\(id)", as: .stranger).json["name"] == "Hut")
            let gone = try await scene.send("DELETE", "/api/places/\(id)", as: .stranger)
            #expect(try gone.json == ["success": true, "warnings": []])
            try expectError(try await scene.send("GET", "/api/places/\(id)", as: .stranger), 403, "forbidden")
        }
    }

    @Test("Everybody lists the places that are theirs; owner and admins of the station all of them")
    func lists() async throws {
        try await PlaceScene.run { scene in
            // The household's own place first, then the flat.
            let expected: [PlaceScene.Person: [JSONValue]] = [
                .owner: ["viewer", "owner"], .admin: ["viewer", "admin"], .viewer: ["viewer", "viewer"],
                .stranger: ["viewer"], .stationOwner: ["owner", "owner"],
            ]
            for (person, roles) in expected {
                let places = try await scene.send("GET", "/api/places", as: person).json["places"]?.arrayValue ?? []
                #expect(places.map { $0["user_role"] } == roles, "\(person)")
                #expect(places.first?["is_default"] == true)
            }
        }
    }

    @Test("What cannot be is refused: bodies by their fields, the default place by 409")
    func refusals() async throws {
        try await PlaceScene.run { scene in
            let long = JSONValue.string(String(repeating: "d", count: 1001))
            for (body, fault) in [
                ([:], "body.name missing"), (["name": " "], "body.name value_error"),
                (["name": 7], "body.name type_error"), (["name": "N", "colour": "red"], "body.colour extra_forbidden"),
                (["name": "N", "description": long], "body.description value_error"),
            ] as [(JSONValue, String)] {
                let answer = try await scene.send("POST", "/api/places", body)
                try expectError(answer, 422, "validation_failed")
                #expect(try faults(answer) == [fault])
            }
            let places = try await scene.station.hub.places()
            let standard = try #require(places.first { $0.isDefault })
            let answer = try await scene.send("DELETE", "/api/places/\(standard.id)", as: .stationOwner)
            try expectError(answer, 409, "conflict")
            #expect(try answer.json["message"]?.stringValue?.contains("cannot be deleted") == true)
        }
    }

    @Test("A deleted place takes its devices along and says so")
    func deletion() async throws {
        try await PlaceScene.run { scene in
            let device = try await scene.addDevice("Lamp")
            let answer = try await scene.send("DELETE", scene.path)
            #expect(try answer.json["success"] == true)
            #expect(try answer.json["warnings"]?.arrayValue?.count == 1)
            #expect(scene.station.hub.device(device.id) == nil)
        }
    }

    @Test("Members are listed by name and role, added by e-mail, given roles and removed")
    func members() async throws {
        try await PlaceScene.run { scene in
            let path = "\(scene.path)/members"
            let before = try await scene.send("GET", path, as: .viewer).json["members"]?.arrayValue ?? []
            #expect(before.map { $0["username"] } == ["owner", "admin", "viewer"])
            #expect(before.map { $0["role"] } == ["owner", "admin", "viewer"])
            #expect(before[0]["user_id"]?.stringValue == (try scene.id(of: .owner).description))

            let stranger = try scene.id(of: .stranger)
            let email = JSONValue.string("STRANGER@Flat.example")
            let added = try await scene.send("POST", path, as: .admin, ["email": email, "role": "viewer"])
            expectStatus(added, 200)
            #expect(try added.json == ["success": true])
            expectStatus(try await scene.send("GET", scene.path, as: .stranger), 200)
            try expectError(
                try await scene.send("POST", path, ["email": email, "role": "viewer"]), 409, "conflict"
            )
            try expectError(
                try await scene.send("POST", path, ["email": "x@example.com", "role": "viewer"]), 404,
                "user_not_found"
            )
            // Whoever may not add learns of nobody's account.
            for known in [email, "x@example.com"] {
                let answer = try await scene.send("POST", path, as: .viewer, ["email": known, "role": "viewer"])
                try expectError(answer, 403, "forbidden")
            }

            let role = try await scene.send("PUT", "\(path)/\(stranger)", ["role": "admin"])
            #expect(try role.json == ["success": true])
            #expect(scene.station.hub.placeRole(of: stranger, in: scene.place) == .admin)
            try expectError(try await scene.send("DELETE", "\(path)/\(stranger)", as: .admin), 403, "forbidden")
            let left = try await scene.send("DELETE", "\(path)/\(stranger)", as: .stranger)
            #expect(try left.json == ["success": true])
            try expectError(try await scene.send("GET", scene.path, as: .stranger), 403, "forbidden")
            try expectError(try await scene.send("DELETE", "\(path)/\(stranger)"), 404, "member_not_found")
            try expectError(try await scene.send("DELETE", "\(path)/no-uuid"), 404, "member_not_found")
        }
    }

    @Test("The owner stays: neither removed nor demoted, not even by the station's owner, and nobody else is made one")
    func owner() async throws {
        try await PlaceScene.run { scene in
            let owner = "\(scene.path)/members/\(try scene.id(of: .owner))"
            let viewer = "\(scene.path)/members/\(try scene.id(of: .viewer))"
            for person in [PlaceScene.Person.owner, .admin, .stationOwner] {
                try expectError(try await scene.send("DELETE", owner, as: person), 403, "forbidden")
                try expectError(try await scene.send("PUT", owner, as: person, ["role": "viewer"]), 403, "forbidden")
                try expectError(try await scene.send("PUT", viewer, as: person, ["role": "owner"]), 403, "forbidden")
            }
            let answer = try await scene.send("PUT", viewer, ["role": "boss"])
            #expect(try faults(answer) == ["body.role value_error"])
        }
    }

    // MARK: Rooms

    @Test("Rooms: camelCase, changed by owner and admins of the station, seen by members of their place")
    func zones() async throws {
        try await PlaceScene.run { scene in
            let body: JSONValue = ["name": "Kitchen", "placeId": .string(scene.place.description)]
            for person in [PlaceScene.Person.owner, .viewer, .stranger] {
                try expectError(try await scene.send("POST", "/api/zones", as: person, body), 403, "forbidden")
            }
            let made = try await scene.send("POST", "/api/zones", as: .stationOwner, body)
            expectStatus(made, 201)
            let id = try #require(try made.json["id"]?.stringValue)
            #expect(try made.json["placeId"] == .string(scene.place.description))
            let standard = try await scene.send("POST", "/api/zones", as: .stationOwner, ["name": "Hall"]).json

            func names(_ person: PlaceScene.Person, _ query: String = "") async throws -> [JSONValue?] {
                try await scene.send("GET", "/api/zones\(query)", as: person).json.arrayValue?.map { $0["name"] } ?? []
            }
            #expect(try await names(.viewer) == ["Kitchen", "Hall"])
            #expect(try await names(.stranger) == ["Hall"])
            #expect(try await names(.stationOwner) == ["Kitchen", "Hall"])
            #expect(try await names(.viewer, "?placeId=\(scene.place)") == ["Kitchen"])
            #expect(try await names(.stranger, "?placeId=\(scene.place)") == [])
            expectStatus(try await scene.send("GET", "/api/zones/\(id)", as: .viewer), 200)
            try expectError(try await scene.send("GET", "/api/zones/\(id)", as: .stranger), 404, "zone_not_found")
            #expect(standard["placeId"] != .string(scene.place.description))

            let device = try await scene.addDevice("Lamp")
            let moved = try await scene.send(
                "PATCH", "/api/devices/\(device.id)", as: .stationOwner, ["zoneId": .string(id)]
            )
            #expect(try moved.json["zoneId"] == .string(id))
            let renamed = try await scene.send("PATCH", "/api/zones/\(id)", as: .stationOwner, ["name": "Galley"])
            #expect(try renamed.json["name"] == "Galley")
            try expectError(try await scene.send("DELETE", "/api/zones/\(id)", as: .owner), 403, "forbidden")
            expectStatus(try await scene.send("DELETE", "/api/zones/\(id)", as: .stationOwner), 204)
            #expect(scene.station.hub.device(device.id)?.zoneID == nil)
            for path in [id, "no-uuid"] {
                let answer = try await scene.send("PATCH", "/api/zones/\(path)", as: .stationOwner, ["name": "X"])
                try expectError(answer, 404, "zone_not_found")
            }
        }
    }
}
