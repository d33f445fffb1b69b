import StationCore
import Synchronization

/// What those who watch see: the adapter, the candidates, and what happens to them; one order of events for everybody.
final class ProvisioningBoard: Sendable {
    /// So many events wait for somebody who watches; of more, the oldest are lost.
    private static let backlog = 1024

    private struct State {
        var adapter = ProvisioningAdapter.noBluetoothd
        var book = CandidateBook()
        var watchers: [Int: ProvisioningWatch.Continuation] = [:]
        var lastNumber = 0
        /// Being provisioned, or waiting for it.
        var underWay: Set<ExternalID> = []
        /// Since when nothing can be heard; `nil` while discovery is on.
        var silentSince: MonotonicInstant?

        // Under the lock, so that everybody hears everything in one order; a continuation's `yield` calls nobody back.
        func tell(_ events: [ProvisioningEvent]) {
            for watcher in self.watchers.values {
                for event in events { watcher.yield(event) }
            }
        }

        func tell(_ changes: [CandidateBook.Change]) {
            self.tell(
                changes.compactMap { change -> ProvisioningEvent? in
                    switch change {
                    case .candidate(let candidate): .candidate(candidate)
                    case .lost(let id): .candidateLost(id)
                    case .outdated: nil
                    }
                }
            )
        }
    }

    private let state = Mutex(State())
    private let clock: any StationClock
    /// Rings when somebody begins to watch, when the last one leaves, and when the adapter has changed.
    let bells = Bells<Void>()

    init(clock: any StationClock) {
        self.clock = clock
        self.state.withLock { $0.silentSince = clock.now }
    }

    var adapter: ProvisioningAdapter { self.state.withLock { $0.adapter } }
    var candidates: [ProvisioningCandidate] { self.state.withLock { $0.book.present } }
    var isWatched: Bool { self.state.withLock { !$0.watchers.isEmpty } }

    func candidate(_ id: ExternalID) -> ProvisioningCandidate? {
        self.state.withLock { $0.book.candidate(id) }
    }

    func isCandidate(address: String) -> Bool { self.state.withLock { $0.book.contains(address: address) } }

    // MARK: Watching

    func watch() -> ProvisioningWatch {
        let (stream, continuation) = ProvisioningWatch.makeStream(bufferingPolicy: .bufferingNewest(Self.backlog))
        let (number, isFirst) = self.state.withLock { state in
            state.lastNumber += 1
            continuation.yield(.adapter(state.adapter))
            for candidate in state.book.present { continuation.yield(.candidate(candidate)) }
            state.watchers[state.lastNumber] = continuation
            return (state.lastNumber, state.watchers.count == 1)
        }
        continuation.onTermination = { [weak self] _ in self?.leave(number) }
        if isFirst { self.bells.ring() }
        return stream
    }

    private func leave(_ number: Int) {
        let isLast = self.state.withLock { state in
            guard state.watchers.removeValue(forKey: number) != nil, state.watchers.isEmpty else { return false }
            _ = state.book.withdrawAll()
            return true
        }
        if isLast { self.bells.ring() }
    }

    /// Tells everybody.
    func tell(_ event: ProvisioningEvent) {
        self.state.withLock { $0.tell([event]) }
    }

    /// Ends all watching: the service stops.
    func finish() {
        let watchers = self.state.withLock { state in
            defer { state.watchers = [:] }
            return state.watchers.values.map { $0 }
        }
        for watcher in watchers { watcher.finish() }
    }

    // MARK: What happens

    /// - Returns: Whether it was another state before.
    @discardableResult
    func set(_ adapter: ProvisioningAdapter) -> Bool {
        let isNew = self.state.withLock { state in
            guard state.adapter != adapter else { return false }
            state.adapter = adapter
            state.tell([.adapter(adapter)])
            // What cannot be connected to is no candidate.
            if adapter != .ready { state.tell(state.book.withdrawAll()) }
            return true
        }
        if isNew { self.bells.ring() }
        return isNew
    }

    /// - Returns: The addresses that BlueZ should forget.
    func hear(_ advertisement: Advertisement, _ traits: CandidateTraits?) -> [String] {
        let now = self.clock.now
        return self.state.withLock { state in
            guard !state.watchers.isEmpty else { return [] }
            let changes = state.book.hear(advertisement, traits, keeping: state.underWay, at: now)
            state.tell(changes)
            return changes.compactMap { if case .outdated(let address) = $0 { address } else { nil } }
        }
    }

    /// Time goes on for the candidates, while they can be heard.
    func passTime() {
        let now = self.clock.now
        self.state.withLock { state in
            guard state.silentSince == nil else { return }
            state.tell(state.book.pass(to: now))
        }
    }

    /// Discovery is on: what was silent meanwhile is excused.
    func discoveryBegan() {
        let now = self.clock.now
        self.state.withLock { state in
            guard let since = state.silentSince else { return }
            state.silentSince = nil
            state.book.excuse(since.duration(to: now))
        }
    }

    func discoveryEnded() {
        let now = self.clock.now
        self.state.withLock { state in
            if state.silentSince == nil { state.silentSince = now }
        }
    }

    /// A device was provisioned and is no candidate any more.
    func withdraw(address: String) {
        self.state.withLock { $0.tell($0.book.withdraw(address: address)) }
    }

    // MARK: Who is being provisioned

    /// Reserves a device.
    ///
    /// - Returns: `false` when it is reserved already.
    func begin(_ id: ExternalID) -> Bool {
        self.state.withLock { $0.underWay.insert(id).inserted }
    }

    func end(_ id: ExternalID) {
        self.state.withLock { _ = $0.underWay.remove(id) }
    }

    func isUnderWay(_ id: ExternalID) -> Bool { self.state.withLock { $0.underWay.contains(id) } }
}
