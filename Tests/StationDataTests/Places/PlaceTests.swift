import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Places")
struct PlaceTests {
    @Test("One place exists from the first start, the same after every other; it can be renamed")
    func defaultPlace() async throws {
        try await TestStation.run { station in
            let place = try await station.defaultPlace()
            #expect(try await station.hub.places() == [place])
            #expect(try await station.add().placeID == place.id)
            let renamed = try await station.hub.updatePlace(place.id, name: "Hut", description: "In the woods")
            #expect(renamed.isDefault)
            let again = try await station.restarted()
            #expect(try await again.hub.places() == [renamed])
        }
    }

    @Test("Whoever makes a place owns it, at once and after a restart")
    func making() async throws {
        try await TestStation.run { station in
            let ann = try station.addUser("Ann")
            let announcements = Announcements(of: station.hub)
            let place = try await station.hub.addPlace(name: "Flat", owner: ann)
            #expect(await announcements.next() == [.membershipChanged(ann)])
            let again = try await station.restarted()
            for hub in [station.hub, again.hub] {
                #expect(hub.placeRole(of: ann, in: place.id) == .owner)
                #expect(hub.places(of: ann) == [place.id])
                #expect(hub.placeRole(of: .make(at: station.clock.wallTime), in: place.id) == nil)
            }
            #expect(try await again.hub.place(place.id) == place)
            #expect(try await again.hub.places().map(\.id).last == place.id)
        }
    }

    @Test("A change keeps what it is not given; what is not there cannot be changed")
    func changing() async throws {
        try await TestStation.run { station in
            let place = try await station.hub.addPlace(
                name: "Flat", description: "Second floor", owner: station.addUser("Ann")
            )
            station.clock.advance(by: .seconds(5))
            let changed = try await station.hub.updatePlace(place.id, name: "Loft", description: nil)
            #expect(changed.name == "Loft")
            #expect(changed.description == "Second floor")
            #expect(changed.updatedAt == station.clock.wallTime)
            #expect(try await station.hub.place(place.id) == changed)
            #expect(try await station.hub.updatePlace(place.id, name: nil, description: "").description == "")
            let nowhere = PlaceID.make(at: station.clock.wallTime)
            await #expect(throws: StoreError.notFound(.place, id: nowhere.description)) {
                try await station.hub.updatePlace(nowhere, name: "X", description: nil)
            }
        }
    }

    @Test(
        "Texts that SQLite or people could not bear are refused by the name of their field",
        arguments: [
            ("", "", "name"), (String(repeating: "n", count: 256), "", "name"), ("a\0b", "", "name"),
            ("n", String(repeating: "d", count: 1001), "description"),
        ]
    )
    func texts(name: String, description: String, field: String) async throws {
        try await TestStation.run { station in
            let ann = try station.addUser("Ann")
            let error = await #expect(throws: StoreError.self) {
                try await station.hub.addPlace(name: name, description: description, owner: ann)
            }
            #expect(error?.invalidField == field)
            #expect(station.hub.places(of: ann).isEmpty)
            // As long as allowed, in characters rather than bytes.
            let longest = String(repeating: "ü", count: 255)
            #expect(try await station.hub.addPlace(name: longest, owner: ann).name == longest)
        }
    }

    @Test("Nobody owns places without end")
    func limit() async throws {
        try await TestStation.run { station in
            let (ann, bob) = (try station.addUser("Ann"), try station.addUser("Bob"))
            for number in 0..<StationHub.maximumOwnedPlaces {
                _ = try await station.hub.addPlace(name: "Place \(number)", owner: ann)
            }
            let error = await #expect(throws: StoreError.self) {
                try await station.hub.addPlace(name: "More", owner: ann)
            }
            #expect(error?.isConflict == true)
            _ = try await station.hub.addPlace(name: "First", owner: bob)
        }
    }

    // MARK: Deleting

    @Test("The default place cannot be deleted, and the refusal says so")
    func defaultPlaceStays() async throws {
        try await TestStation.run { station in
            let place = try await station.defaultPlace()
            let error = await #expect(throws: StoreError.self) { try await station.hub.removePlace(place.id) }
            #expect(error?.isConflict == true)
            #expect(error?.description.contains("cannot be deleted") == true)
            #expect(try await station.hub.places() == [place])
        }
    }

    @Test("With a place go its devices, rooms, members and alerts; devices leave tombstones and hear nothing")
    func deleting() async throws {
        try await TestStation.run { station in
            let (ann, bob) = (try station.addUser("Ann"), try station.addUser("Bob"))
            let place = try await station.hub.addPlace(name: "Flat", owner: ann)
            try await station.hub.addMember(email: "bob@example.org", role: .viewer, to: place.id, by: .owner)
            _ = try await station.hub.addZone(name: "Kitchen", in: place.id)
            let watched = try await station.addWatched(in: place.id)
            let other = try await station.addOnline("Elsewhere")
            await station.hear(31, from: watched)
            let announcements = Announcements(of: station.hub)

            let warnings = try await station.hub.removePlace(place.id)
            #expect(warnings.count == 1)
            #expect(warnings[0].contains("Thermometer"))
            let announced = await announcements.next()
            #expect(announced.map(\.kind) == ["resolved", "deleted", "membership", "membership"])
            #expect(Set(announced.usersWithChanges) == [ann, bob])
            #expect(announced.resolvedAlerts.first?.placeID == place.id)

            #expect(station.hub.devices().map(\.id) == [other.id])
            #expect(station.hub.places(of: ann).isEmpty && station.hub.places(of: bob).isEmpty)
            #expect(await station.hear(.hello(), from: watched.device) == [])
            await #expect(throws: StoreError.notFound(.place, id: place.id.description)) {
                try await station.hub.place(place.id)
            }
            let again = try await station.restarted()
            for table in ["zones", "place_members", "alerts", "sensors", "thresholds"] {
                #expect(try again.count(table) == 0, "\(table)")
            }
            try again.expectOnlyTombstone(of: watched.device.id)
            #expect(await again.hear(.hello(), from: watched.device) == [])
        }
    }

    @Test("A place in which devices were removed before can be deleted; their names stay revoked")
    func tombstones() async throws {
        try await TestStation.run { station in
            let ann = try station.addUser("Ann")
            let place = try await station.hub.addPlace(name: "Flat", owner: ann)
            let zone = try await station.hub.addZone(name: "Kitchen", in: place.id)
            let name = try #require(ExternalID("esp-1"))
            let device = try await station.hub.addDevice(
                NewDevice(name: "Lamp", externalID: name, placeID: place.id, zoneID: zone.id)
            ).device
            try await station.hub.removeDevice(device.id)
            #expect(try await station.hub.removePlace(place.id) == [])
            let again = try await station.restarted()
            #expect(await again.hear(.hello(), from: device) == [])
            #expect(try again.count("devices", where: "external_id = 'esp-1' AND status = 'revoked'") == 1)
            #expect(try again.count("pragma_foreign_key_check") == 0)
        }
    }
}

extension StoreError {
    var isConflict: Bool {
        if case .conflict = self { true } else { false }
    }

    var isForbidden: Bool {
        if case .forbidden = self { true } else { false }
    }
}
