import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A handshake")
struct HandshakeTests {
    // MARK: Rule 3

    @Test("of a known device stores what it says, marks it online and is answered, and all that is on disk by then")
    func known() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Climate", externalID: "esp-1")
            let announcements = Announcements(of: station.hub)
            station.clock.advance(by: .seconds(1))
            let hello = DeviceReport.Content.hello(type: "climate", firmware: "0.1.32", chip: "esp32", kitTag: "k-1")
            let answers = await station.hear(hello, from: device)
            #expect(answers.map(\.outcome) == [.known])
            #expect(answers.map(\.sender) == [device.externalID])
            #expect(answers.map(\.address) == [DeviceReport.address])
            let time = station.clock.wallTime
            #expect(
                await announcements.next() == [
                    .deviceHandshake(device.id, at: time),
                    .deviceStatus(device.id, status: .online, reason: nil, at: time), .deviceUpdated(device.id),
                ]
            )
            // Nothing is flushed: what was acknowledged must survive a power cut.
            for hub in [station.hub, try await station.restarted(flushing: false).hub] {
                let known = try #require(hub.device(device.id))
                #expect(known.type == "climate")
                #expect(known.firmwareVersion == "0.1.32")
                #expect(known.chip == "esp32")
                #expect(known.kitTag == "k-1")
                #expect(known.status == .online)
                #expect(known.statusReason == nil)
                #expect(known.address == DeviceReport.address)
                #expect(known.lastSeenAt == time)
                #expect(known.updatedAt == time)
            }
        }
    }

    @Test("that leaves something out keeps what was known")
    func partial() async throws {
        try await TestStation.run { station in
            let device = try await station.add(externalID: "esp-1")
            await station.hear(.hello(type: "pir", firmware: "1", chip: "esp32", kitTag: "k"), from: device)
            await station.hear(.hello(firmware: "2"), from: device)
            let known = try #require(station.hub.device(device.id))
            #expect(known.type == "pir")
            #expect(known.firmwareVersion == "2")
            #expect(known.chip == "esp32")
            #expect(known.kitTag == "k")
        }
    }

    @Test("with another type than the stored one is answered all the same, and the type stays")
    func contradiction() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Lamp", type: "light", externalID: "esp-1")
            let answers = await station.hear(.hello(type: "climate", firmware: "9"), from: device)
            #expect(answers.map(\.outcome) == [.known])
            #expect(station.hub.device(device.id)?.type == "light")
            #expect(station.hub.device(device.id)?.firmwareVersion == "9")
            let again = try await station.restarted(flushing: false)
            #expect(again.hub.device(device.id)?.type == "light")
        }
    }

    @Test("with a type that the station does not know is stored as it is")
    func unknownType() async throws {
        try await TestStation.run { station in
            let device = try await station.add(externalID: "esp-1")
            #expect(await station.hear(.hello(type: "weather"), from: device).map(\.outcome) == [.known])
            #expect(station.hub.device(device.id)?.type == "weather")
        }
    }

    @Test("is in the activity feed with what it said")
    func feed() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Climate", externalID: "esp-1")
            await station.hear(.hello(type: "climate", firmware: "0.1.32"), from: device)
            let (entries, total) = try await station.hub.deviceEvents(EventQuery())
            #expect(total == 2)
            #expect(entries.map(\.event.type) == [.statusChanged, .handshake])
            #expect(entries.last?.event.payload == ["type": "climate", "firmwareVersion": "0.1.32"])
            #expect(entries.first?.event.payload == ["status": "online"])
        }
    }

    @Test("that the broker replays is no handshake")
    func retained() async throws {
        try await TestStation.run { station in
            let device = try await station.add(externalID: "esp-1")
            let reports = [
                DeviceReport.from(device, .hello(type: "pir"), isRetained: true),
                try .from("stranger", .hello(), isRetained: true),
            ]
            #expect(await station.hub.ingest(reports) == [])
            #expect(station.hub.device(device.id) == device)
            #expect(try station.count("device_events") == 0)
        }
    }

    // MARK: Rule 2

    @Test("of a stranger is answered “unknown”, after the store was asked, and leaves nothing behind")
    func stranger() async throws {
        try await TestStation.run { station in
            let report = try DeviceReport.from("stranger", .hello(type: "light"))
            let answers = await station.hub.ingest([report])
            #expect(answers.map(\.outcome) == [.unknown])
            #expect(answers.map(\.sender) == [report.sender])
            #expect(answers.map(\.address) == [DeviceReport.address])
            #expect(station.hub.devices().isEmpty)
            #expect(try station.count("devices") == 0)
            #expect(try station.count("device_events") == 0)
        }
    }

    @Test("A stranger who does not shake hands is never answered, and counted")
    func silentStranger() async throws {
        try await TestStation.run { station in
            let contents: [DeviceReport.Content] = [
                .state(["on": true]), .heartbeat, .lastWill, .event(.userEvent, data: [:]),
            ]
            let reports = try contents.map { try DeviceReport.from("stranger", $0) }
            #expect(await station.hub.ingest(reports) == [])
            #expect(station.metric(#"station_mqtt_rejected_total{reason="unknown_device"}"#) == 4)
            #expect(station.hub.pendingRowCount == 0)
        }
    }

    @Test("of anybody gets NO answer while the store cannot be read", arguments: [true, false])
    func unreadable(isKnown: Bool) async throws {
        try await TestStation.run { station in
            let device = try await station.add(type: "light", externalID: "esp-1")
            let report = try DeviceReport.from(isKnown ? "esp-1" : "stranger", .hello(firmware: "2"))
            try station.breakStore(.unreadable)
            for _ in 0..<3 { #expect(await station.hub.ingest([report]) == []) }
            #expect(station.hub.device(device.id)?.firmwareVersion == nil)
            #expect(station.hub.device(device.id)?.status == .offline)
            #expect(!station.hub.isStoreUsable)
            #expect(station.health[.store]?.status == .failed)
            try station.repairStore(.unreadable)
            #expect(await station.hub.ingest([report]).map(\.outcome) == [isKnown ? .known : .unknown])
        }
    }

    @Test("of a known device gets no answer while it cannot be stored", arguments: [Breakage.unwritable, .commitFails])
    func unwritable(breakage: Breakage) async throws {
        try await TestStation.run { station in
            let device = try await station.add(type: "light", externalID: "esp-1")
            let announcements = Announcements(of: station.hub)
            try station.breakStore(breakage)
            #expect(await station.hear(.hello(firmware: "2"), from: device) == [])
            #expect(station.hub.device(device.id)?.firmwareVersion == nil)
            #expect(station.hub.device(device.id)?.status == .offline)
            #expect(await announcements.next() == [])
            #expect(try station.count("device_events") == 0)
            // Of a stranger it can still be said that he is one.
            #expect(await station.hub.ingest([try .from("stranger", .hello())]).map(\.outcome) == [.unknown])
            try station.repairStore(breakage)
            #expect(await station.hear(.hello(firmware: "2"), from: device).map(\.outcome) == [.known])
        }
    }

    @Test("of a known device gets no answer while another process holds the store")
    func locked() async throws {
        try await TestStation.run { station in
            let device = try await station.add(type: "light", externalID: "esp-1")
            try await station.lockedByAnother {
                #expect(await station.hear(.hello(firmware: "2"), from: device) == [])
            }
            #expect(await station.hear(.hello(firmware: "2"), from: device).map(\.outcome) == [.known])
        }
    }

    @Test("gets no answer when the agent is being stopped under it")
    func cancelled() async throws {
        try await TestStation.run { station in
            let device = try await station.add(type: "light", externalID: "esp-1")
            await station.lookRound()
            let reports = [DeviceReport.from(device, .hello(firmware: "2")), try .from("stranger", .hello())]
            let hub = station.hub
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await hub.ingest(reports)
            }
            let answers = await task.value
            #expect(!answers.map(\.outcome).contains(.unknown))
            #expect(answers.isEmpty || station.hub.device(device.id)?.firmwareVersion == "2")
            // That somebody went away says nothing about the store.
            #expect(station.hub.isStoreUsable)
        }
    }

    // MARK: Rule 10

    @Test("of a removed device gets no answer, now, after a restart, and by whichever name it calls itself")
    func removed() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", type: "light", externalID: "esp-1")
            try await station.hub.removeDevice(device.id)
            let reports = [
                DeviceReport.from(device, .hello()), .from(device, .state(["on": true])),
                try .from(device.id.description, .hello()),
            ]
            #expect(await station.hub.ingest(reports) == [])
            #expect(station.metric(#"station_mqtt_rejected_total{reason="revoked_device"}"#) >= 2)
            let again = try await station.restarted()
            #expect(await again.hub.ingest(reports) == [])
            #expect(again.hub.devices().isEmpty)
            try again.expectOnlyTombstone(of: device.id)
        }
    }

    @Test("still finds a device that was renamed or moved: only its external id counts")
    func renamed() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Lamp", type: "light", externalID: "esp-1")
            let place = PlaceID.make(at: station.clock.wallTime)
            try station.execute(
                "INSERT INTO places (id, name, created_at, updated_at) VALUES ('\(place)', 'Shed', 0, 0)"
            )
            var changes = DeviceChanges()
            changes.name = "esp-2"
            changes.placeID = place
            _ = try await station.hub.updateDevice(device.id, changes)
            #expect(await station.hear(.hello(), from: device).map(\.outcome) == [.known])
            #expect(await station.hub.ingest([try .from("esp-2", .hello())]).map(\.outcome) == [.unknown])
        }
    }

    @Test("reaches a device by its own id as well")
    func byOwnID() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Lamp", externalID: "esp-1")
            let answers = await station.hub.ingest([try .from(device.id.description, .hello(firmware: "3"))])
            #expect(answers.map(\.outcome) == [.known])
            #expect(answers.first?.sender.description == device.id.description)
            #expect(station.hub.device(device.id)?.firmwareVersion == "3")
        }
    }

    @Test("Several in one batch are answered each for itself")
    func batch() async throws {
        try await TestStation.run { station in
            let known = try await station.add(externalID: "known")
            let removed = try await station.add(externalID: "removed")
            try await station.hub.removeDevice(removed.id)
            let names = ["known", "stranger-1", "removed", "known", "stranger-2", "stranger-1"]
            let answers = await station.hub.ingest(try names.map { try .from($0, .hello(firmware: "4")) })
            let outcomes = Dictionary(grouping: answers, by: \.sender.description).mapValues { $0.map(\.outcome) }
            #expect(outcomes["known"] == [.known, .known])
            #expect(outcomes["stranger-1"] == [.unknown, .unknown])
            #expect(outcomes["stranger-2"] == [.unknown])
            #expect(outcomes["removed"] == nil)
            #expect(station.hub.device(known.id)?.status == .online)
        }
    }
}
