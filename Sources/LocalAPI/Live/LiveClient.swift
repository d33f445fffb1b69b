import Accounts
import StationCore
import StationData
import Synchronization

/// A client of `/ws`: who it is, what it is told, what waits for it, and how it behaves.
final class LiveClient: Sendable {
    /// The messages that wait. State of the same device is replaced by newer state.
    typealias Inbox = Mailbox<LiveKey, LiveMessage>

    /// As many messages wait; then the client is told to read everything again (contract 3).
    private static let capacity = 256

    private struct State {
        var identity: RequestIdentity?
        var interest = LiveInterest()
        var errorsInARow = 0
    }

    let inbox = Inbox(capacity: LiveClient.capacity)
    /// Something about the person's account has changed. That has its own way: the inbox can lose what is in it, and is
    /// not read while the client does not read.
    let accountChanges: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let identified: AsyncStream<RequestIdentity>
    private let identifiedInput: AsyncStream<RequestIdentity>.Continuation
    private let state = Mutex(State())

    init() {
        (self.accountChanges, self.bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (self.identified, self.identifiedInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    // MARK: Who it is

    var identity: RequestIdentity? { self.state.withLock { $0.identity } }

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

    // MARK: What it is told

    var interest: LiveInterest { self.state.withLock { $0.interest } }

    func choose(topics: Set<LiveTopic>?, devices: Set<DeviceID>?) {
        self.state.withLock { ($0.interest.topics, $0.interest.devices) = (topics, devices) }
    }

    /// Looks up which places the person sees now. Returns whether they are others than before.
    @discardableResult
    func look(at hub: StationHub) -> Bool {
        // Under the lock: of two at a time, the later one must know more.
        self.state.withLock { state in
            let user = state.identity.flatMap { hub.user($0.user.id) }
            let places = user.map { PlaceAccess(user: $0, hub: hub).visiblePlaces } ?? []
            defer { state.interest.places = places }
            return state.interest.places != places
        }
    }

    func accountHasChanged() {
        self.bell.yield()
    }

    func finish() {
        self.inbox.finish()
        self.bell.finish()
    }

    // MARK: How it behaves

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
