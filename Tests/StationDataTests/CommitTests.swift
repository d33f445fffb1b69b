import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("What is committed before it is announced")
struct CommitTests {
    @Test("is announced in the order of the commits, whoever commits at the same time")
    func order() async throws {
        try await TestStation.run { station in
            let announcements = Announcements(of: station.hub)
            let hub = station.hub
            try await withThrowingTaskGroup { group in
                for writer in 0..<8 {
                    group.addTask {
                        for number in 0..<25 {
                            // Some fail and must leave no gap in the order: their name is taken.
                            let name = number.isMultiple(of: 7) ? "taken" : "w\(writer)-\(number)"
                            let new = NewDevice(name: name, externalID: ExternalID(name))
                            do throws(StoreError) {
                                _ = try await hub.addDevice(new)
                            } catch {
                                guard case .conflict = error else { throw error }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            // A table's rowid grows with every insert: it is SQLite's own memory of the order.
            let committed = try station.sql { try String.fetchAll($0, sql: "SELECT id FROM devices ORDER BY rowid") }
            #expect(committed.count == 8 * 21 + 1)
            let announced = await announcements.next()
            #expect(announced.allSatisfy { $0.kind == "created" })
            #expect(announced.compactMap(\.deviceID?.description) == committed)
        }
    }

    @Test("is visible in memory when it is announced, and the last announcement is the last truth")
    func visibility() async throws {
        try await TestStation.run { station in
            let device = try await station.add("Name 0")
            let hub = station.hub
            let subscription = hub.events.subscribe(capacity: 10_000)
            let reader = Task {
                var names: [String] = []
                for await element in subscription {
                    guard case .message(.deviceUpdated(device.id)) = element, let now = hub.device(device.id) else {
                        break
                    }
                    names.append(now.name)
                    if names.count == 100 { break }
                }
                return names
            }
            try await withThrowingTaskGroup { group in
                for writer in 0..<4 {
                    group.addTask {
                        for number in 0..<25 {
                            var changes = DeviceChanges()
                            changes.name = "Name \(writer)-\(number)"
                            let changed = try await hub.updateDevice(device.id, changes)
                            #expect(changed.name == changes.name)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let names = await reader.value
            #expect(names.count == 100)
            #expect(!names.contains("Name 0"))
            let stored = try station.sql { try String.fetchOne($0, sql: "SELECT name FROM devices") }
            #expect(hub.device(device.id)?.name == stored)
            #expect(names.last == stored)
            hub.events.unsubscribe(subscription)
        }
    }

    @Test("is neither true nor announced when the commit fails", arguments: Breakage.allCases)
    func failure(breakage: Breakage) async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline("Lamp", type: "light", externalID: "lamp-1")
            await station.lookRound()
            let before = try #require(station.hub.device(device.id))
            let announcements = Announcements(of: station.hub)
            try station.breakStore(breakage)
            var changes = DeviceChanges()
            changes.name = "Other"
            let attempts: [(String, () async throws -> Void)] = [
                ("add", { _ = try await station.add("New") }),
                ("update", { _ = try await station.hub.updateDevice(device.id, changes) }),
                ("remove", { try await station.hub.removeDevice(device.id) }),
                ("renew", { _ = try await station.hub.renewToken(of: device.id) }),
            ]
            for (what, attempt) in attempts {
                let error = await #expect(throws: StoreError.self, "\(what)") { try await attempt() }
                #expect(error?.isUnavailable == true, "\(what)")
            }
            #expect(station.hub.devices() == [before])
            #expect(await announcements.next() == [])
            #expect(station.health[.store]?.status == .failed)
            try station.repairStore(breakage)
            #expect(try station.count("devices", where: "status = 'online' AND name = 'Lamp'") == 1)
            #expect(try station.count("devices") == 1)
            #expect(try await station.hub.updateDevice(device.id, changes).name == "Other")
            #expect(station.hub.isStoreUsable)
            #expect(await announcements.next() == [.deviceUpdated(device.id)])
        }
    }

    @Test("An error of the store names no SQL and no value")
    func discretion() async throws {
        try await TestStation.run { station in
            try station.breakStore(.unwritable)
            let error = await #expect(throws: StoreError.self) { try await station.add("Secret lair") }
            let text = "\(try #require(error))"
            #expect(text.contains("adding devices") && text.contains("disk I/O error"))
            #expect(!text.contains("INSERT") && !text.contains("lair"))
        }
    }

    @Test("A request that was given up does not make the store look broken")
    func cancellation() async throws {
        try await TestStation.run { station in
            await station.lookRound()
            let hub = station.hub
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await hub.addDevice(NewDevice(name: "Lamp"))
            }
            let result = await task.result
            #expect(station.hub.isStoreUsable)
            let count = try station.count("devices")
            if case .failure = result { #expect(count == 0) }
        }
    }

    @Test("Nobody is told anything after having unsubscribed, and a slow listener delays nobody")
    func subscribers() async throws {
        try await TestStation.run { station in
            let (slow, gone) = (station.hub.events.subscribe(capacity: 2), station.hub.events.subscribe())
            station.hub.events.unsubscribe(gone)
            let announcements = Announcements(of: station.hub)
            for number in 0..<20 { _ = try await station.add("Device \(number)") }
            #expect(await announcements.next().count == 20)
            let iterator = slow.makeAsyncIterator()
            guard case .lagged? = await iterator.next() else {
                Issue.record("the slow one was not told")
                return
            }
            for await _ in gone { Issue.record("told after the end") }
        }
    }
}
