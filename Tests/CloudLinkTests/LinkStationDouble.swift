import CloudLink
import StationCore
import StationTestSupport

/// A station that has nothing but its claim.
final class LinkStationDouble: LinkStation {
    struct Failure: Error {}

    private struct State: Sendable {
        var credentials: LinkCredentials
        var sessions: [LinkSessionDouble] = []
        var failures = 0
        var resets: [String] = []
    }

    private let state: Locked<State>
    private let changes: AsyncStream<Void>
    private let input: AsyncStream<Void>.Continuation

    init(_ credentials: LinkCredentials) {
        self.state = Locked(State(credentials: credentials))
        (self.changes, self.input) = AsyncStream.makeStream()
    }

    var credentials: LinkCredentials { self.state.value.credentials }
    var figures: LinkFigures { LinkFigures(claimedAt: nil, channels: [.alert], outboxDepth: 7) }
    /// Those of all authenticated connections so far.
    var sessions: [LinkSessionDouble] { self.state.value.sessions }
    var resets: [String] { self.state.value.resets }

    /// The next calls that change something fail, so many of them.
    func fail(_ times: Int) {
        self.state.withLock { $0.failures = times }
    }

    func credentialChanges() -> AsyncStream<Void> { self.changes }

    func claim(with token: Secret) async throws {
        try self.set(token, "secret-2")
    }

    func setTokenAside() async throws {
        try self.set(nil, "secret-3")
    }

    func unclaim() async throws {
        try self.set(nil, "secret-4")
    }

    /// As another process does it.
    func claimElsewhere(_ token: Secret) {
        self.state.withLock { state in
            state.credentials = LinkCredentials(
                chipID: state.credentials.chipID, claimSecret: Secret("elsewhere"), stationToken: token
            )
        }
        self.input.yield()
    }

    private func set(_ token: Secret?, _ secret: String) throws {
        let isDone = self.state.withLock { state in
            guard state.failures == 0 else {
                state.failures -= 1
                return false
            }
            state.credentials = LinkCredentials(
                chipID: state.credentials.chipID, claimSecret: Secret(secret), stationToken: token
            )
            return true
        }
        guard isDone else { throw Failure() }
    }

    func beginReset() async -> String? {
        self.state.withLock { $0.resets.append("begin") }
        return #"{"type":"station_reset_ack"}"#
    }

    func finishReset() async {
        self.state.withLock { $0.resets.append("finish") }
    }

    func makeSession() -> any LinkSession {
        let session = LinkSessionDouble()
        self.state.withLock { $0.sessions.append(session) }
        return session
    }
}
