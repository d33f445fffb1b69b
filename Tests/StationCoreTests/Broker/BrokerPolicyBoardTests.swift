import StationCore
import Testing

@Suite("The board with the broker policy")
struct BrokerPolicyBoardTests {
    private func policy(_ topic: String) throws -> BrokerPolicy {
        let text = #"{"mqtt":{"acl":{"rules":[{"subjects":{},"topics":["\#(topic)"],"actions":"*","effect":"deny"}]}}}"#
        return try BrokerPolicy(json: JSONValue.parse(text))
    }

    @Test("begins with the policy that gives nothing")
    func beginning() throws {
        #expect(BrokerPolicyBoard().policy == .empty)
        let policy = try self.policy("a")
        #expect(BrokerPolicyBoard(policy).policy == policy)
    }

    @Test("says when a policy is another one, not when the same comes again")
    func replacing() throws {
        let board = BrokerPolicyBoard()
        let policy = try self.policy("a")
        #expect(!board.replace(by: .empty))
        #expect(board.replace(by: policy))
        #expect(board.policy == policy)
        #expect(!board.replace(by: try self.policy("a")))
        #expect(board.replace(by: try self.policy("b")))
    }

    @Test("tells whoever listens once for all changes that they have not heard of yet")
    func listening() async throws {
        let board = BrokerPolicyBoard()
        var one = board.changes().makeAsyncIterator()
        var other = board.changes().makeAsyncIterator()
        let policies = [try self.policy("a"), try self.policy("b"), try self.policy("c")]
        for policy in policies { board.replace(by: policy) }
        #expect(await one.next() != nil)
        board.replace(by: policies[2])
        board.replace(by: policies[0])
        #expect(await one.next() != nil)
        #expect(await other.next() != nil)
        #expect(board.policy == policies[0])
    }

    @Test("ends the listening of a task that is cancelled")
    func listeningEnds() async throws {
        let board = BrokerPolicyBoard()
        let listening = Task {
            for await _ in board.changes() {}
            return true
        }
        listening.cancel()
        #expect(await listening.value)
        #expect(board.replace(by: try self.policy("a")))
    }
}
