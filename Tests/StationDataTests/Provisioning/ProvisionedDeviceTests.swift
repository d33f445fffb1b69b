import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Devices that are being provisioned")
struct ProvisionedDeviceTests {
    private static func prepare(
        _ name: String, in station: TestStation, called title: String = "Lamp", type: String? = "light",
        place: PlaceID? = nil, zone: ZoneID? = nil
    ) async throws -> (device: Device, token: Secret) {
        try await station.hub.prepareProvisioned(
            externalID: try #require(ExternalID(name)), name: title, type: type, place: place, zone: zone
        )
    }

    private static func hasToken(_ token: Secret, _ device: Device, in station: TestStation) async throws -> Bool {
        try await station.hub.deviceID(forToken: token) == device.id
    }

    // MARK: New ones

    @Test("A new device is known with its token before anything is written to it")
    func preparing() async throws {
        try await TestStation.run { station in
            let news = Announcements(of: station.hub)
            let (device, token) = try await Self.prepare("lamp-1", in: station)
            #expect(device.status == .provisioning && device.statusReason == nil)
            #expect(device.name == "Lamp" && device.type == "light")
            #expect(station.hub.device(named: device.externalID) == device)
            #expect(token.revealed.utf8.count == 43)
            #expect(try await Self.hasToken(token, device, in: station))
            #expect(await news.next() == [.deviceCreated(device.id)])
            #expect(try station.count("devices", where: "status = 'provisioning' AND token_hash IS NOT NULL") == 1)
            #expect(try station.count("actuators", where: "device_id = '\(device.id)'") > 0)
        }
    }

    @Test("It is online with its first message, and stays although it was given up at the same moment")
    func comesUp() async throws {
        try await TestStation.run { station in
            let (device, token) = try await Self.prepare("lamp-1", in: station)
            let answers = await station.hear(.hello(type: "light"), from: device)
            #expect(answers.map(\.outcome) == [.known])
            #expect(station.hub.device(device.id)?.status == .online)
            let isGone = try await station.hub.abandonProvisioned(device.id)
            #expect(!isGone)
            try await station.hub.markNotAppeared(device.id)
            #expect(station.hub.device(device.id)?.status == .online)
            #expect(try await Self.hasToken(token, device, in: station))
            #expect(try station.count("device_events", where: "event_type = 'provisioned'") == 0)
        }
    }

    @Test("One that took it is on record as provisioned, once")
    func confirmed() async throws {
        try await TestStation.run { station in
            let (device, token) = try await Self.prepare("lamp-1", in: station)
            try await station.hub.confirmProvisioned(device.id)
            try await station.hub.confirmProvisioned(device.id)
            #expect(station.hub.device(device.id)?.status == .provisioning)
            #expect(try await Self.hasToken(token, device, in: station))
            #expect(try station.count("device_events", where: "event_type = 'provisioned'") == 1)
            // It took it: nothing makes it go again.
            let isGone = try await station.hub.abandonProvisioned(device.id)
            #expect(!isGone && station.hub.device(device.id) != nil)
        }
    }

    @Test("One that did not take it goes without a trace, and can be added once more")
    func abandoned() async throws {
        try await TestStation.run { station in
            let (device, token) = try await Self.prepare("lamp-1", in: station)
            let news = Announcements(of: station.hub)
            let isGone = try await station.hub.abandonProvisioned(device.id)
            #expect(isGone)
            #expect(await news.next() == [.deviceDeleted(device.id)])
            #expect(station.hub.device(device.id) == nil && !station.hub.isRevoked(device.externalID))
            #expect(try await station.hub.deviceID(forToken: token) == nil)
            for table in ["devices", "actuators", "sensors", "device_events"] {
                #expect(try station.count(table) == 0, "\(table)")
            }
            // What took it nevertheless is to wipe itself.
            let answers = await station.hear(.hello(type: "light"), from: device)
            #expect(answers.map(\.outcome) == [.unknown])
            let again = try await Self.prepare("lamp-1", in: station)
            #expect(again.device.id != device.id)
            let isGoneAlready = try await station.hub.abandonProvisioned(device.id)
            #expect(isGoneAlready)
        }
    }

    @Test("Under the name of a device that was removed it goes as well, and the name is still told nothing")
    func tombstone() async throws {
        try await TestStation.run { station in
            let old = try await station.add("Old", externalID: "lamp-1")
            try await station.hub.removeDevice(old.id)
            let (device, _) = try await Self.prepare("lamp-1", in: station)
            #expect(device.id != old.id)
            try await station.hub.abandonProvisioned(device.id)
            #expect(station.hub.isRevoked(device.externalID))
            let answers = await station.hear(.hello(), from: device)
            #expect(answers.isEmpty)
        }
    }

    @Test("One that took it and is not heard stays, marked so, and is welcome later")
    func notAppeared() async throws {
        try await TestStation.run { station in
            let (device, _) = try await Self.prepare("lamp-1", in: station)
            try await station.hub.confirmProvisioned(device.id)
            let news = Announcements(of: station.hub)
            try await station.hub.markNotAppeared(device.id)
            let marked = try #require(station.hub.device(device.id))
            #expect(marked.status == .offline && marked.statusReason == .neverSeen)
            let time = station.clock.wallTime
            #expect(
                await news.next() == [.deviceStatus(device.id, status: .offline, reason: .neverSeen, at: time)]
            )
            #expect(try station.count("device_events", where: "payload LIKE '%device_did_not_appear%'") == 1)
            let answers = await station.hear(.hello(type: "light"), from: device)
            #expect(answers.map(\.outcome) == [.known] && station.hub.device(device.id)?.status == .online)
        }
    }

    @Test("A type that the station does not know is left out; a name, room or place that cannot be is refused")
    func limits() async throws {
        try await TestStation.run { station in
            let strange = try await Self.prepare("strange-1", in: station, type: "flux capacitor")
            #expect(strange.device.type == nil)
            let error = await #expect(throws: StoreError.self) {
                try await Self.prepare("lamp-1", in: station, zone: .make(at: station.clock.wallTime))
            }
            #expect(error?.invalidField == "zoneId")
            let placeError = await #expect(throws: StoreError.self) {
                try await Self.prepare("lamp-1", in: station, place: .make(at: station.clock.wallTime))
            }
            #expect(placeError?.invalidField == "placeId")
            let nameError = await #expect(throws: StoreError.self) {
                try await Self.prepare("lamp-1", in: station, called: "")
            }
            #expect(nameError?.invalidField == "name")
            let agentError = await #expect(throws: StoreError.self) {
                try await Self.prepare("station-agent", in: station)
            }
            #expect(agentError?.invalidField == "externalId")
            #expect(station.hub.devices().map(\.id) == [strange.device.id])
        }
    }

    @Test("A device that calls itself by the id of another is refused: it would speak for that one")
    func stolenID() async throws {
        try await TestStation.run { station in
            let other = try await station.add("Other", externalID: "other-1")
            await #expect {
                try await Self.prepare(other.id.description, in: station)
            } throws: { error in
                guard case .conflict(field: "externalId", _, _) = error as? StoreError else { return false }
                return true
            }
        }
    }

    // MARK: Known ones

    @Test("A known device keeps what it has, and its old token until it took the new one")
    func known() async throws {
        try await TestStation.run { station in
            let (lamp, old) = try await station.hub.addDevice(
                NewDevice(name: "Mine", type: "light", externalID: ExternalID("lamp-1"))
            )
            await station.hear(.state(["on": true]), from: lamp)
            let before = try #require(station.hub.device(lamp.id))
            let news = Announcements(of: station.hub)
            let (device, token) = try await Self.prepare("lamp-1", in: station, called: "Another", type: "relay")
            #expect(device == before && token != old)
            #expect(await news.next() == [])
            #expect(try await Self.hasToken(old, device, in: station))
            #expect(try await station.hub.deviceID(forToken: token) == nil)

            try await station.hub.confirmProvisioned(lamp.id)
            #expect(try await Self.hasToken(token, device, in: station))
            #expect(try await station.hub.deviceID(forToken: old) == nil)
            #expect(await news.next() == [.deviceUpdated(lamp.id), .loginsChanged])
            let after = try #require(station.hub.device(lamp.id))
            #expect(after.name == "Mine" && after.lastKnownState["on"] == true && after.createdAt == before.createdAt)
        }
    }

    @Test("A known device that did not take it stays as it was")
    func knownAbandoned() async throws {
        try await TestStation.run { station in
            let (lamp, old) = try await station.hub.addDevice(
                NewDevice(name: "Mine", externalID: ExternalID("lamp-1"))
            )
            let (_, token) = try await Self.prepare("lamp-1", in: station)
            let isGone = try await station.hub.abandonProvisioned(lamp.id)
            #expect(!isGone)
            try await station.hub.confirmProvisioned(lamp.id)
            #expect(try await Self.hasToken(old, lamp, in: station))
            #expect(try await station.hub.deviceID(forToken: token) == nil)
            #expect(station.hub.device(lamp.id) == lamp)
        }
    }

    @Test("A device that the command line has just added is known")
    func foreign() async throws {
        try await TestStation.run { station in
            let commandLine = try await station.commandLine()
            let (lamp, _) = try await commandLine.addDevice(NewDevice(name: "Mine", externalID: ExternalID("lamp-1")))
            let (device, _) = try await Self.prepare("lamp-1", in: station)
            #expect(device.id == lamp.id && device.name == "Mine")
        }
    }

    // MARK: Faults

    @Test("A store that fails has changed nothing, and everything can be tried again")
    func failingStore() async throws {
        try await TestStation.run { station in
            let (lamp, old) = try await station.hub.addDevice(
                NewDevice(name: "Mine", externalID: ExternalID("lamp-1"))
            )
            let (_, token) = try await Self.prepare("lamp-1", in: station)
            try station.breakStore(.unwritable)
            let error = await #expect(throws: StoreError.self) { try await station.hub.confirmProvisioned(lamp.id) }
            #expect(error?.isUnavailable == true)
            #expect(try await Self.hasToken(old, lamp, in: station))
            await #expect(throws: StoreError.self) { try await Self.prepare("lamp-2", in: station) }
            #expect(station.hub.devices().count == 1)
            try station.repairStore(.unwritable)
            try await station.hub.confirmProvisioned(lamp.id)
            #expect(try await Self.hasToken(token, lamp, in: station))
        }
    }

    @Test("What was under way when the agent was killed stays, marked; a known device keeps its old token")
    func killed() async throws {
        try await TestStation.run { station in
            let (lamp, old) = try await station.hub.addDevice(
                NewDevice(name: "Mine", externalID: ExternalID("lamp-1"))
            )
            _ = try await Self.prepare("lamp-1", in: station)
            let (new, token) = try await Self.prepare("new-1", in: station)
            let again = try await station.restarted(flushing: false)
            #expect(again.hub.device(new.id)?.status == .provisioning)
            try await again.hub.markStarted(stationID: #require(StationID("station-1")), name: "Station")
            let marked = try #require(again.hub.device(new.id))
            #expect(marked.status == .offline && marked.statusReason == .neverSeen)
            #expect(try await Self.hasToken(token, new, in: again))
            #expect(try await Self.hasToken(old, lamp, in: again))
            let isGone = try await again.hub.abandonProvisioned(new.id)
            #expect(!isGone)
        }
    }

    @Test("A device that somebody removes meanwhile stays removed")
    func removed() async throws {
        try await TestStation.run { station in
            let (device, token) = try await Self.prepare("lamp-1", in: station)
            try await station.hub.removeDevice(device.id)
            await #expect(throws: StoreError.deviceNotFound(device.id.description)) {
                try await station.hub.confirmProvisioned(device.id)
            }
            await #expect(throws: StoreError.deviceNotFound(device.id.description)) {
                try await station.hub.markNotAppeared(device.id)
            }
            let isGone = try await station.hub.abandonProvisioned(device.id)
            #expect(isGone && station.hub.isRevoked(device.externalID))
            #expect(try await station.hub.deviceID(forToken: token) == nil)
        }
    }
}
