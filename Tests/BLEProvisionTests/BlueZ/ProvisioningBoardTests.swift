import StationCore
import StationTestSupport
import Testing

@testable import BLEProvision

@Suite("The board of provisioning")
struct ProvisioningBoardTests {
    private static func hear(_ id: String, _ address: String, rssi: Int, _ board: ProvisioningBoard) throws {
        let traits = CandidateTraits(
            dialect: .smartHome, externalID: try #require(ExternalID(id)), defaultName: "lamp")
        _ = board.hear(Advertisement(address: address, name: "SH_\(id)", rssi: rssi), traits)
    }

    @Test("keeps one that is being provisioned in a full list, and no longer than that")
    func underWay() throws {
        let clock = ManualClock()
        let board = ProvisioningBoard(clock: clock)
        let watch = board.watch()
        let lamp = try #require(ExternalID("lamp"))
        try Self.hear("lamp", "AA:00", rssi: -95, board)
        for number in 1..<ProvisioningCandidate.maximumCount {
            try Self.hear("lamp-\(number)", "AA:\(number)", rssi: -60, board)
        }
        #expect(board.begin(lamp))
        try Self.hear("desk", "BB:1", rssi: -65, board)
        #expect(board.candidate(lamp) != nil)
        try Self.hear("desk", "BB:1", rssi: -50, board)
        #expect(board.candidate(lamp) != nil)
        #expect(board.candidates.contains { $0.externalID.description == "desk" })
        board.end(lamp)
        try Self.hear("chair", "BB:2", rssi: -65, board)
        #expect(board.candidate(lamp) == nil)
        #expect(board.candidates.count == ProvisioningCandidate.maximumCount)
        withExtendedLifetime(watch) {}
    }
}
