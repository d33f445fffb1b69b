import Accounts
import StationCore
import Synchronization

/// What is known of a client of `/ws`: who it is, what it wants to hear, how it behaves.
final class LiveClientState: Sendable {
    /// What a client wants to hear; everything without a choice.
    struct Choice: Sendable {
        var topics: Set<LiveTopic>?
        var devices: Set<DeviceID>?

        func wants(_ topic: LiveTopic, _ device: DeviceID?) -> Bool {
            (self.topics?.contains(topic) ?? true)
                && (device == nil || self.devices == nil || device.map { self.devices?.contains($0) ?? true } ?? true)
        }
    }

    private struct State {
        var identity: RequestIdentity?
        var choice = Choice()
        var errorsInARow = 0
    }

    private let state = Mutex(State())
    private let identified: AsyncStream<RequestIdentity>
    private let identifiedInput: AsyncStream<RequestIdentity>.Continuation

    init() {
        (self.identified, self.identifiedInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    var identity: RequestIdentity? { self.state.withLock { $0.identity } }
    var choice: Choice { self.state.withLock { $0.choice } }

    /// Takes over who the client is; a second time it must be the same person.
    func identify(_ identity: RequestIdentity) -> Bool {
        let isAccepted = self.state.withLock { state in
            guard state.identity == nil || state.identity?.user.id == identity.user.id else { return false }
            state.identity = identity
            return true
        }
        if isAccepted { self.identifiedInput.yield(identity) }
        return isAccepted
    }

    /// Waits for the client to say who it is; `nil` when it never will.
    func firstIdentity() async -> RequestIdentity? {
        for await identity in self.identified { return identity }
        return nil
    }

    func choose(_ choice: Choice) {
        self.state.withLock { $0.choice = choice }
    }

    func behavedWell() {
        self.state.withLock { $0.errorsInARow = 0 }
    }

    /// Counts a message that means nothing. Returns how many came in a row.
    func misbehaved() -> Int {
        self.state.withLock { state in
            state.errorsInARow += 1
            return state.errorsInARow
        }
    }
}
