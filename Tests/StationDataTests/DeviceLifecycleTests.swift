import Foundation
import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Adding, changing and listing devices")
struct DeviceLifecycleTests {
    // MARK: Adding

    @Test("More devices than a station can have are refused, all of them")
    func tooManyDevices() async throws {
        try await TestStation.run { station in
            let new = (0...StationHub.maximumDevices).map { NewDevice(name: "Device \($0)") }
            await #expect {
                try await station.hub.addDevices(new)
            } throws: { error in
                guard case .conflict(field: "name", _, let message) = error as? StoreError else { return false }
                return message.contains("\(StationHub.maximumDevices)")
            }
            let stored = try station.count("devices")
            #expect(stored == 0)
        }
    }

    @Test("A new device is in the default place, never seen, and known at once, by id and by name")
    func adding() async throws {
        try await TestStation.run { station in
            let lamp = try await station.add("Lamp", type: "light", externalID: "lamp-1")
            #expect(lamp.name == "Lamp")
            #expect(lamp.type == "light")
            #expect(lamp.externalID.description == "lamp-1")
            #expect(lamp.status == .offline)
            #expect(lamp.statusReason == .neverSeen)
            #expect(lamp.lastKnownState.isEmpty)
            #expect(lamp.lastSeenAt == nil)
            #expect(lamp.createdAt == station.clock.wallTime)
            #expect(station.hub.device(lamp.id) == lamp)
            #expect(station.hub.device(named: lamp.externalID) == lamp)
            #expect(try station.count("places", where: "id = '\(lamp.placeID)' AND is_default = 1") == 1)
            let again = try await station.restarted()
            #expect(again.hub.device(lamp.id) == lamp)
        }
    }

    @Test("A device without an external id speaks under its own id")
    func ownName() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Nameless")
            #expect(device.externalID.description == device.id.description)
        }
    }

    @Test("Its token is 43 url-safe characters, unlike any other, and only its SHA-256 is kept")
    func token() async throws {
        try await TestStation.run { station in
            let added = try await station.hub.addDevices((0..<50).map { NewDevice(name: "Device \($0)") })
            let tokens = added.map(\.token.revealed)
            #expect(Set(tokens).count == 50)
            for token in tokens {
                #expect(token.utf8.count == 43)
                #expect(
                    token.utf8.allSatisfy { TopicName.isValid(String(decoding: [$0], as: UTF8.self)) && $0 != 0x2E })
            }
            let (device, token) = added[0]
            #expect(try station.tokenHash(of: device.id) == SHA256Sum.of(Array(token.revealed.utf8)))
            try station.database.close()
            for name in [station.path, station.path + "-wal"] where FileManager.default.fileExists(atPath: name) {
                let bytes = try Data(contentsOf: URL(filePath: name))
                #expect(bytes.range(of: Data(token.revealed.utf8)) == nil)
            }
        }
    }

    @Test("An external id that is taken is a conflict that names who has it")
    func conflict() async throws {
        try await TestStation.run { station in
            _ = try await station.add("Lamp", externalID: "lamp-1")
            let error = await #expect(throws: StoreError.self) { try await station.add("Other", externalID: "lamp-1") }
            guard case .conflict("externalId", "lamp-1", let message)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(message.contains("“Lamp”") && message.contains("“lamp-1”"))
            #expect(station.hub.devices().count == 1)
            #expect(station.health[.store]?.status != .failed)
            // Names in topics are told apart by case.
            _ = try await station.add("Other", externalID: "LAMP-1")
        }
    }

    @Test("Several are added all or none")
    func allOrNone() async throws {
        try await TestStation.run { station in
            let announcements = Announcements(of: station.hub)
            let name = try #require(ExternalID("twice"))
            await #expect(throws: StoreError.self) {
                try await station.hub.addDevices([
                    NewDevice(name: "One"), NewDevice(name: "Two", externalID: name),
                    NewDevice(name: "Three", externalID: name),
                ])
            }
            #expect(station.hub.devices().isEmpty)
            #expect(try station.count("devices") == 0)
            #expect(await announcements.next() == [])
            let added = try await station.hub.addDevices([NewDevice(name: "One"), NewDevice(name: "Two")])
            #expect(await announcements.next() == added.map { .deviceCreated($0.device.id) })
            #expect(station.hub.devices().map(\.name) == ["Two", "One"])
        }
    }

    @Test(
        "A name has 1–255 characters, of any alphabet",
        arguments: [
            ("L", true), ("", false), (String(repeating: "x", count: 255), true),
            (String(repeating: "x", count: 256), false), (String(repeating: "é", count: 255), true),
            (String(repeating: "😀", count: 255), true), (String(repeating: "👨‍👩‍👧", count: 100), false),
            ("a\0b", false), ("\0", false),
        ]
    )
    func names(name: String, isValid: Bool) async throws {
        try await TestStation.run { station in
            let before = try await station.add("Before")
            var changes = DeviceChanges()
            changes.name = name
            if isValid {
                #expect(try await station.add(name).name == name)
                #expect(try await station.hub.updateDevice(before.id, changes).name == name)
                return
            }
            let added = await #expect(throws: StoreError.self) { try await station.add(name) }
            let changed = await #expect(throws: StoreError.self) {
                try await station.hub.updateDevice(before.id, changes)
            }
            for error in [added, changed] {
                #expect(error?.invalidField == "name")
                #expect(error?.description.contains("1–255 characters") == true)
            }
            #expect(station.hub.devices() == [before])
            #expect(station.health[.store]?.status != .failed)
        }
    }

    @Test(
        "Every naughty string is a good name and comes back from the disk as it was",
        .enabled(if: VectorFiles.strings != nil, "../shared/vectors/strings is not here")
    )
    func naughtyNames() async throws {
        let file = try #require(VectorFiles.strings).file("blns.json")
        let strings = try #require(try JSONValue.parse(file.bytes).arrayValue).compactMap(\.stringValue)
            .filter { (1...255).contains($0.unicodeScalars.count) }
        try await TestStation.run { station in
            let added = try await station.hub.addDevices(strings.map { NewDevice(name: $0) }).map(\.device)
            for (device, string) in zip(added, strings) {
                await station.hear(.state(["text": .string(string)]), from: device)
            }
            let again = try await station.restarted()
            for (device, string) in zip(added, strings) {
                let read = try #require(again.hub.device(device.id))
                #expect(Array(read.name.utf8) == Array(string.utf8))
                #expect(
                    read.lastKnownState.members.first?.value.stringValue.map { Array($0.utf8) } == Array(string.utf8))
            }
        }
    }

    @Test("A type, place or zone that is not there is refused by name")
    func unknownReferences() async throws {
        try await TestStation.run { station in
            let place = PlaceID.make(at: station.clock.wallTime)
            let zone = ZoneID.make(at: station.clock.wallTime)
            let faults: [(NewDevice, String, String)] = [
                (NewDevice(name: "x", type: "lite"), "type", "“lite”; known are climate, light, pir, switch-pir"),
                (NewDevice(name: "x", placeID: place), "placeId", place.description),
                (NewDevice(name: "x", zoneID: zone), "zoneId", zone.description),
            ]
            for (new, field, words) in faults {
                let error = await #expect(throws: StoreError.self) { try await station.hub.addDevice(new) }
                #expect(error?.invalidField == field)
                #expect(error?.description.contains(words) == true)
            }
            let count = try station.count("devices")
            #expect(count == 0)
        }
    }

    // MARK: Changing

    @Test("Only what is named changes, in memory, on disk and announced once; nothing changed is nothing announced")
    func changing() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", type: "light")
            await station.hear(.state(["on": true]), from: device)
            let announcements = Announcements(of: station.hub)
            station.clock.advance(by: .seconds(1))
            var changes = DeviceChanges()
            changes.name = "Reading lamp"
            let changed = try await station.hub.updateDevice(device.id, changes)
            #expect(changed.name == "Reading lamp")
            #expect(changed.type == "light")
            #expect(changed.status == .online)
            #expect(changed.lastKnownState == ["on": true])
            #expect(changed.updatedAt == station.clock.wallTime)
            #expect(changed.createdAt == device.createdAt)
            #expect(station.hub.device(device.id) == changed)
            #expect(await announcements.next() == [.deviceUpdated(device.id)])
            _ = try await station.hub.updateDevice(device.id, changes)
            _ = try await station.hub.updateDevice(device.id, DeviceChanges())
            #expect(await announcements.next() == [])
            #expect(try await station.restarted().hub.device(device.id)?.name == "Reading lamp")
        }
    }

    @Test("A zone must lie in the device's place; moving to another place leaves it")
    func zones() async throws {
        try await TestStation.run { station in
            let device = try await station.add()
            let time = station.clock.wallTime
            let place = PlaceID.make(at: time)
            let kitchen = ZoneID.make(at: time)
            let shed = ZoneID.make(at: time)
            try station.execute(
                """
                INSERT INTO places (id, name, created_at, updated_at) VALUES ('\(place)', 'Garden', 0, 0);
                INSERT INTO zones (id, place_id, name, created_at, updated_at)
                VALUES ('\(kitchen)', '\(device.placeID)', 'Kitchen', 0, 0), ('\(shed)', '\(place)', 'Shed', 0, 0);
                """
            )
            #expect(try await station.change(device) { $0.zoneID = kitchen }.zoneID == kitchen)
            let wrong = await #expect(throws: StoreError.self) { try await station.change(device) { $0.zoneID = shed } }
            #expect(wrong?.invalidField == "zoneId")
            #expect(station.hub.device(device.id)?.zoneID == kitchen)
            let moved = try await station.change(device) { $0.placeID = place }
            #expect(moved.placeID == place)
            #expect(moved.zoneID == nil)
            #expect(try await station.change(device) { $0.zoneID = shed }.zoneID == shed)
            #expect(try await station.change(device) { $0.zoneID = .some(nil) }.zoneID == nil)
            let both = try await station.change(device) {
                $0.placeID = device.placeID
                $0.zoneID = kitchen
            }
            #expect(both.placeID == device.placeID)
            #expect(both.zoneID == kitchen)
            #expect(try await station.restarted().hub.device(device.id)?.zoneID == kitchen)
        }
    }

    @Test("What is not there can be neither changed nor removed nor given a token")
    func notFound() async throws {
        try await TestStation.run { station in
            let removed = try await station.add()
            try await station.hub.removeDevice(removed.id)
            for id in [removed.id, DeviceID.make(at: station.clock.wallTime)] {
                let attempts: [() async throws -> Void] = [
                    { _ = try await station.hub.updateDevice(id, DeviceChanges()) },
                    { try await station.hub.removeDevice(id) },
                    { _ = try await station.hub.renewToken(of: id) },
                ]
                for attempt in attempts {
                    await #expect(throws: StoreError.deviceNotFound(id.description)) { try await attempt() }
                }
            }
        }
    }

    @Test("A new token replaces the old one at once")
    func renewing() async throws {
        try await TestStation.run { station in
            let (device, old) = try await station.hub.addDevice(NewDevice(name: "Lamp"))
            let new = try await station.hub.renewToken(of: device.id)
            #expect(new != old)
            #expect(try station.tokenHash(of: device.id) == SHA256Sum.of(Array(new.revealed.utf8)))
            #expect(try station.count("devices", where: "token_hash IS NOT NULL") == 1)
        }
    }

    // MARK: Lists

    @Test("The list shows the newest first, and what a filter admits")
    func filters() async throws {
        try await TestStation.run { station in
            let lamp = try await station.addOnline("Kitchen lamp", type: "light", externalID: "L-1")
            let door = try await station.add("Door", type: "pir", externalID: "kitchen-pir")
            let other = try await station.add("Änderung", externalID: "x")
            #expect(station.hub.devices().map(\.id) == [other.id, door.id, lamp.id])
            func found(_ change: (inout DeviceFilter) -> Void) -> [String] {
                var filter = DeviceFilter()
                change(&filter)
                return station.hub.devices(filter).map(\.name)
            }
            #expect(found { $0.text = "KITCHEN" } == ["Door", "Kitchen lamp"])
            #expect(found { $0.text = "ände" } == ["Änderung"])
            #expect(found { $0.text = "none" } == [])
            #expect(found { $0.type = "light" } == ["Kitchen lamp"])
            #expect(found { $0.status = .online } == ["Kitchen lamp"])
            #expect(found { $0.status = .offline } == ["Änderung", "Door"])
            #expect(found { $0.placeID = lamp.placeID }.count == 3)
            #expect(found { $0.placeID = .make(at: station.clock.wallTime) } == [])
            #expect(found { $0.zoneID = .make(at: station.clock.wallTime) } == [])
            #expect(
                found {
                    $0.text = "kitchen"
                    $0.type = "pir"
                } == ["Door"]
            )
            #expect(station.hub.statusCounts == [.online: 1, .offline: 2])
        }
    }
}

extension TestStation {
    fileprivate func tokenHash(of id: DeviceID) throws -> [UInt8]? {
        try self.sql { db in
            try Data.fetchOne(db, sql: "SELECT token_hash FROM devices WHERE id = ?", arguments: [id.description])
                .map { Array($0) }
        }
    }
}
