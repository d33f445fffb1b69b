import Glibc
import StationTestSupport
import Testing

@testable import CloudLink

@Suite("The kernel's word that the network has changed")
struct LinkNetworkTests {
    @Test("Each burst is told, also one that comes while the last is being digested, until the reader is gone")
    func bursts() async throws {
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &ends) == 0)
        let (kernel, watched) = (ends[0], ends[1])
        let words = Locked(0)
        let changes = try NetworkWatch.words(of: watched, rest: .milliseconds(20))
        let reader = Task {
            for await _ in changes { words.withLock { $0 += 1 } }
        }
        for burst in 1...3 {
            for _ in 0..<50 { #expect(send(kernel, "x", 1, 0) == 1) }
            try await eventually("burst \(burst) is told") { words.value >= burst }
        }
        reader.cancel()
        await reader.value
        try await eventually("the socket is closed") { send(kernel, "x", 1, Int32(MSG_NOSIGNAL)) < 0 }
        close(kernel)
    }

    @Test("The kernel lets us listen")
    func kernel() async throws {
        let changes = try NetworkWatch.changes()
        let reader = Task {
            for await _ in changes {}
        }
        reader.cancel()
        await reader.value
    }
}
