import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The command line beside the running agent")
struct ForeignWriterTests {
    @Test("A device that it has added is found at its handshake at once, with what follows in the same batch")
    func handshake() async throws {
        try await TestStation.run { station in
            let cli = try await station.commandLine()
            let added = try await cli.addDevice(NewDevice(name: "New", type: "light", externalID: ExternalID("esp-1")))
            let announcements = Announcements(of: station.hub)
            #expect(station.hub.device(added.device.id) == nil)
            let answers = await station.hub.ingest([
                .from(added.device, .hello(firmware: "1")), .from(added.device, .state(["on": true])),
            ])
            #expect(answers.map(\.outcome) == [.known])
            let known = try #require(station.hub.device(added.device.id))
            #expect(known.status == .online)
            #expect(known.firmwareVersion == "1")
            #expect(known.lastKnownState == ["on": true])
            #expect(await announcements.next().first == .deviceCreated(added.device.id))
            // And is not found a second time.
            await station.lookRound()
            #expect(await announcements.next().allSatisfy { $0.kind != "created" })
            #expect(station.hub.devices().count == 1)
        }
    }

    @Test("A device that it has added is noticed by the regular work, already in the first round")
    func addition() async throws {
        try await TestStation.run { station in
            let cli = try await station.commandLine()
            let announcements = Announcements(of: station.hub)
            let first = try await cli.addDevice(NewDevice(name: "First")).device
            await station.lookRound()
            #expect(station.hub.device(first.id) == first)
            #expect(await announcements.next() == [.deviceCreated(first.id)])
            let second = try await cli.addDevice(NewDevice(name: "Second")).device
            await station.lookRound()
            #expect(station.hub.devices().map(\.id) == [second.id, first.id])
            #expect(await announcements.next() == [.deviceCreated(second.id)])
            await station.lookRound()
            #expect(await announcements.next() == [])
        }
    }

    @Test("A device that it has removed is gone from memory with the next round, and hears nothing before or after")
    func removal() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", externalID: "esp-1")
            await station.lookRound()
            let cli = try await station.commandLine()
            await station.hear(.state(["n": 1]), from: device)
            let announcements = Announcements(of: station.hub)
            try await cli.removeDevice(device.id)

            // Between the removal and the next round.
            #expect(await station.hear(.hello(firmware: "2"), from: device) == [])
            await station.hear(.state(["n": 2]), from: device)
            await station.hear(.event(.deviceEvent, data: [:]), from: device)
            var changes = DeviceChanges()
            changes.name = "Ghost"
            await #expect(throws: StoreError.deviceNotFound(device.id.description)) {
                try await station.hub.updateDevice(device.id, changes)
            }
            await #expect(throws: StoreError.deviceNotFound(device.id.description)) {
                try await station.hub.renewToken(of: device.id)
            }
            await #expect(throws: StoreError.deviceNotFound(device.id.description)) {
                try await station.hub.removeDevice(device.id)
            }
            try await station.hub.flush(.everything)
            #expect(station.isStoreWell)
            try station.expectOnlyTombstone(of: device.id)

            await station.lookRound()
            #expect(station.hub.device(device.id) == nil)
            let announced = await announcements.next()
            #expect(announced.filter { $0.kind != "state" && $0.kind != "event" } == [.deviceDeleted(device.id)])
            #expect(await station.hear(.hello(), from: device) == [])
            await station.live(for: .seconds(200))
            try station.expectOnlyTombstone(of: device.id)
        }
    }

    @Test("A removed device that was silent stays removed: no verdict brings it back")
    func removalAndPresence() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            await station.lookRound()
            await station.hear(.lastWill, from: device)
            station.clock.advance(by: .seconds(5))
            let cli = try await station.commandLine()
            try await cli.removeDevice(device.id)
            let announcements = Announcements(of: station.hub)
            try await station.hub.judgePresence()
            #expect(await announcements.next() == [])
            try station.expectOnlyTombstone(of: device.id)
        }
    }

    @Test("A name that it has freed and given away between two rounds belongs to the new device")
    func replacement() async throws {
        try await TestStation.run { station in
            var devices: [Device] = []
            for number in 0..<4 { devices.append(try await station.addOnline(externalID: "esp-\(number)")) }
            await station.lookRound()
            let cli = try await station.commandLine()
            try await cli.removeDevice(devices[1].id)
            let name = devices[1].externalID
            let new = try await cli.addDevice(NewDevice(name: "New", externalID: name)).device
            await station.lookRound()
            #expect(station.hub.device(named: name)?.id == new.id)
            #expect(await station.hub.ingest([.from(new, .hello(firmware: "7"))]).map(\.outcome) == [.known])
            #expect(station.hub.device(new.id)?.firmwareVersion == "7")
            for device in [devices[0], devices[2], devices[3]] {
                #expect(station.hub.device(named: device.externalID)?.id == device.id)
                #expect(await station.hear(.hello(), from: device).map(\.outcome) == [.known])
            }
        }
    }

    @Test("A name that it has freed and given away is answered even before the next round as the new device")
    func replacementBeforeTheRound() async throws {
        try await TestStation.run { station in
            let old = try await station.add(externalID: "esp-1")
            try await station.hub.removeDevice(old.id)
            await station.lookRound()
            let cli = try await station.commandLine()
            let new = try await cli.addDevice(NewDevice(name: "New", externalID: old.externalID)).device
            // To memory the name is that of a removed device: silence is right, “unknown” would be fatal.
            #expect(await station.hub.ingest([.from(new, .hello())]).allSatisfy { $0.outcome == .known })
            await station.lookRound()
            #expect(await station.hub.ingest([.from(new, .hello())]).map(\.outcome) == [.known])
        }
    }

    @Test("What it changes is taken over, without what was reported meanwhile being lost")
    func changes() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", type: "light")
            await station.lookRound()
            let cli = try await station.commandLine()
            await station.hear(.state(["on": true]), from: device)
            let announcements = Announcements(of: station.hub)
            var changes = DeviceChanges()
            changes.name = "Renamed"
            _ = try await cli.updateDevice(device.id, changes)
            await station.lookRound()
            #expect(station.hub.device(device.id)?.name == "Renamed")
            #expect(station.hub.device(device.id)?.lastKnownState == ["on": true])
            #expect(station.hub.device(device.id)?.status == .online)
            #expect(await announcements.next() == [.deviceUpdated(device.id)])
        }
    }

    @Test("Both may write at once; nothing is lost")
    func together() async throws {
        try await TestStation.run { station in
            let cli = try await station.commandLine()
            let hub = station.hub
            try await withThrowingTaskGroup { group in
                for (writer, name) in [(hub, "agent"), (cli, "cli")] {
                    group.addTask {
                        for number in 0..<40 { _ = try await writer.addDevice(NewDevice(name: "\(name) \(number)")) }
                    }
                }
                group.addTask { for _ in 0..<40 { await station.lookRound() } }
                try await group.waitForAll()
            }
            await station.lookRound()
            #expect(hub.devices().count == 80)
            #expect(try station.count("devices") == 80)
            #expect(station.isStoreWell)
        }
    }

    @Test("A look at the store by another process changes nothing in it")
    func onlyLooking() async throws {
        try await TestStation.run { station in
            _ = try await station.addOnline()
            await station.lookRound()
            let before = try WriteAheadLog(of: station.path).commits
            let cli = try await station.commandLine()
            #expect(cli.devices().count == 1)
            #expect(try WriteAheadLog(of: station.path).commits == before)
        }
    }
}

extension TestStation {
    fileprivate var isStoreWell: Bool { self.health[.store]?.status == .ok }
}
