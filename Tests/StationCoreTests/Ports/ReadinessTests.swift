import StationCore
import Testing

@Suite("Readiness")
struct ReadinessTests {
    @Test("is reached when every milestone is, in any order, however often")
    func milestones() {
        let readiness = Readiness()
        for milestone in [Readiness.Milestone.bridgeTried, .httpListening, .bridgeTried, .httpListening] {
            readiness.reach(milestone)
            #expect(!readiness.isReached)
        }
        readiness.reach(.storeMigrated)
        #expect(readiness.isReached)
        readiness.reach(.storeMigrated)
        #expect(readiness.isReached)
    }

    @Test("wakes everybody who waits for it, and not before it is reached")
    func waiting() async {
        let readiness = Readiness()
        let waiters = (0..<5).map { _ in
            Task {
                await readiness.wait()
                return readiness.isReached
            }
        }
        readiness.reach(.httpListening)
        await Task.yield()
        readiness.reach(.storeMigrated)
        await Task.yield()
        readiness.reach(.bridgeTried)
        for waiter in waiters { #expect(await waiter.value) }
        await readiness.wait()
    }

    @Test("lets a cancelled waiter go without being reached")
    func cancellation() async {
        let readiness = Readiness([.httpListening])
        let waiter = Task {
            await readiness.wait()
            return readiness.isReached
        }
        waiter.cancel()
        #expect(await waiter.value == false)
    }

    @Test("of nothing is reached at once")
    func nothing() async {
        let readiness = Readiness([])
        #expect(readiness.isReached)
        await readiness.wait()
    }
}
