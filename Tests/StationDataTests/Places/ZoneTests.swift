import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Rooms")
struct ZoneTests {
    @Test("A room is made, renamed and listed; it belongs to the default place unless another is given")
    func life() async throws {
        try await TestStation.run { station in
            let hub = station.hub
            let kitchen = try await hub.addZone(name: "Kitchen")
            #expect(try await kitchen.placeID == station.defaultPlace().id)
            let place = try await hub.addPlace(name: "Flat", owner: station.addUser("Ann"))
            let hall = try await hub.addZone(name: "Hall", in: place.id)
            #expect(try await hub.zones() == [kitchen, hall])
            station.clock.advance(by: .seconds(1))
            let renamed = try await hub.renameZone(hall.id, to: "Corridor")
            #expect(renamed.name == "Corridor")
            #expect(renamed.updatedAt == station.clock.wallTime)
            #expect(try await station.restarted().hub.zone(hall.id) == renamed)
        }
    }

    @Test("A room with devices is emptied, not lost: they stay, in no room, and that is announced")
    func emptied() async throws {
        try await TestStation.run { station in
            let zone = try await station.hub.addZone(name: "Kitchen")
            let device = try await station.addOnline("Lamp")
            let outside = try await station.addOnline("Outside")
            try await station.change(device) { $0.zoneID = zone.id }
            await station.hear(.state(["on": true]), from: device)
            let announcements = Announcements(of: station.hub)
            try await station.hub.removeZone(zone.id)
            #expect(await announcements.next() == [.deviceUpdated(device.id)])
            #expect(station.hub.device(device.id)?.zoneID == nil)
            #expect(station.hub.device(device.id)?.lastKnownState == ["on": true])
            #expect(try await station.hub.zones().isEmpty)
            let again = try await station.restarted()
            #expect(again.hub.device(device.id)?.zoneID == nil)
            #expect(again.hub.device(device.id)?.placeID == device.placeID)
            #expect(again.hub.device(outside.id) != nil)
        }
    }

    @Test("What cannot be is refused")
    func refusals() async throws {
        try await TestStation.run { station in
            let hub = station.hub
            let nobody = ZoneID.make(at: station.clock.wallTime)
            await #expect(throws: StoreError.notFound(.zone, id: nobody.description)) { try await hub.zone(nobody) }
            await #expect(throws: StoreError.notFound(.zone, id: nobody.description)) {
                try await hub.renameZone(nobody, to: "X")
            }
            await #expect(throws: StoreError.notFound(.zone, id: nobody.description)) {
                try await hub.removeZone(nobody)
            }
            let nowhere = PlaceID.make(at: station.clock.wallTime)
            let place = await #expect(throws: StoreError.self) { try await hub.addZone(name: "X", in: nowhere) }
            #expect(place?.invalidField == "placeId")
            for name in ["", String(repeating: "n", count: 256), "a\0b"] {
                let error = await #expect(throws: StoreError.self) { try await hub.addZone(name: name) }
                #expect(error?.invalidField == "name")
            }
            let zones = try await hub.zones()
            #expect(zones.isEmpty)
        }
    }
}
