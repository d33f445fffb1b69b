import Foundation
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("What ails a store that works")
struct StoreConcernTests {
    @Test("is told by health until it is over, and does not hide that the store fails")
    func concerns() async throws {
        try await TestStation.run { station in
            station.hub.note(.backup, "there is no backup")
            #expect(station.health[.store] == .init(status: .degraded, detail: "there is no backup"))
            await station.lookRound()
            _ = try await station.add()
            #expect(station.health[.store]?.status == .degraded, "whatever else succeeds")
            station.hub.note(.recovery, "it was replaced")
            #expect(station.storeDetail == "it was replaced; there is no backup")
            try station.breakStore(.unreadable)
            await station.lookRound()
            station.hub.note(.backup, nil)
            #expect(station.health[.store]?.status == .failed)
            try station.repairStore(.unreadable)
            await station.lookRound()
            #expect(station.health[.store] == .init(status: .degraded, detail: "it was replaced"))
            station.hub.note(.recovery, nil)
            #expect(station.health[.store]?.status == .ok)
        }
    }

    @Test("That it was replaced is told for a day, also after a restart, and then no more")
    func recovery() async throws {
        try await TestStation.run { station in
            try await station.hub.recordRecovery("by the backup of yesterday")
            #expect(station.storeDetail == "by the backup of yesterday")
            let again = try await station.restarted()
            #expect(again.health[.store]?.status == .ok)
            try await again.hub.recallRecovery()
            #expect(again.storeDetail == "by the backup of yesterday")
            again.clock.advance(by: .seconds(86_390))
            await again.hub.lookRound()
            #expect(again.health[.store]?.status == .degraded)
            again.clock.advance(by: .seconds(20))
            await again.hub.lookRound()
            #expect(again.health[.store]?.status == .ok)
            let third = try await again.restarted()
            try await third.hub.recallRecovery()
            #expect(third.health[.store]?.status == .ok)
            // It is the agent's own note, and no setting of people.
            #expect(try await third.hub.settings().isEmpty)
        }
    }

    @Test("A store is asked whose it is, if it can be asked, and is not changed by that")
    func owner() async throws {
        try await TestStation.run { station in
            let id = try #require(StationID(TestStation.stationID))
            #expect(StationDatabase.stationID(inFileAt: station.path) == nil)
            try await station.hub.markStarted(stationID: id, name: "Mill")
            #expect(StationDatabase.stationID(inFileAt: station.path) == id)
            try station.database.close()
            let before = try Data(contentsOf: URL(filePath: station.path))
            #expect(StationDatabase.stationID(inFileAt: station.path) == id)
            #expect(try Data(contentsOf: URL(filePath: station.path)) == before)
            try Data("no database".utf8).write(to: URL(filePath: station.path))
            #expect(StationDatabase.stationID(inFileAt: station.path) == nil)
            #expect(StationDatabase.stationID(inFileAt: station.path + ".none") == nil)
            #expect(!FileManager.default.fileExists(atPath: station.path + ".none"))
        }
    }
}
