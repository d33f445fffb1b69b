import StationCore
import Testing

@Suite("The health board")
struct HealthBoardTests {
    @Test("begins with every component degraded, “starting”, in the order that health shows")
    func beginning() {
        let board = HealthBoard()
        #expect(board.all.map(\.component) == [.store, .mqtt, .cloud, .ble, .clock])
        #expect(board.all.allSatisfy { $0.check == HealthBoard.Check(status: .degraded, detail: "starting") })
        #expect(!board.isOK)
    }

    @Test("says when a status has changed, not when only its wording has")
    func changes() {
        let board = HealthBoard()
        #expect(board.report(.mqtt, .ok, "connected"))
        #expect(!board.report(.mqtt, .ok, "connected again"))
        #expect(board[.mqtt] == HealthBoard.Check(status: .ok, detail: "connected again"))
        #expect(board.report(.mqtt, .failed, "gone"))
        #expect(board[.store]?.status == .degraded)
    }

    @Test("is well when everything works or is not wanted", arguments: [HealthBoard.Status.degraded, .failed])
    func verdict(status: HealthBoard.Status) {
        let board = HealthBoard()
        for component in HealthBoard.Component.allCases {
            board.report(component, component == .cloud || component == .ble ? .off : .ok, "")
        }
        #expect(board.isOK)
        for component in HealthBoard.Component.allCases {
            let before = board[component]?.status ?? .ok
            board.report(component, status, "")
            #expect(!board.isOK)
            board.report(component, before, "")
            #expect(board.isOK)
        }
    }

    @Test("tells whoever watches of each part whose status changes, and nothing of other wording")
    func watching() async {
        let board = HealthBoard()
        var changes = board.changes().makeAsyncIterator()
        board.report(.mqtt, .degraded, "still starting")
        board.report(.mqtt, .ok, "connected")
        board.report(.mqtt, .ok, "connected again")
        board.report(.store, .ok, "reads and writes")
        #expect(await changes.next() == .mqtt)
        #expect(await changes.next() == .store)
    }

    @Test("ends the watch of a task that is cancelled")
    func watchEnds() async {
        let board = HealthBoard()
        let watching = Task {
            for await _ in board.changes() {}
            return true
        }
        watching.cancel()
        #expect(await watching.value)
        #expect(board.report(.mqtt, .ok, "connected"))
    }
}
