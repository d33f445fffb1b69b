import Logging
import StationCore
import StationData
import Synchronization

/// Tells the cloud what happens at the station, for as long as one link is authenticated (contract 4, "Station → cloud").
///
/// Everything goes through `OutgoingQueue`, which takes no more than the socket does; what cannot go yet waits in SQLite
/// (the outbox), as one state for each device, or is lost and counted.
final class CloudFeed: Sendable {
    /// Beyond any burst: if it is ever too small, the states of all devices are told once more.
    private static let subscriptionCapacity = 8192
    private static let roundSize = 64
    private static let rowsPerRead = 128
    /// As many acknowledgements wait at most to be written down; rows whose are lost are told again on the next link.
    private static let maximumAcknowledgements = 20_000
    private static let retryPause = Duration.seconds(5)

    private struct State {
        var buffer = FeedBuffer()
        var window = OutboxWindow()
        /// Acknowledged, and not yet written down.
        var acknowledged: Set<String> = []
        /// Done with for other reasons.
        var done: Set<String> = []
        var settledRow: Int64?
        /// Requests of the outbox that were told and not answered.
        var requests: Set<String> = []
        var channels: Set<CloudChannel>
    }

    private let hub: StationHub
    private let queue: OutgoingQueue
    private let clock: any StationClock
    private let metrics: MetricRegistry
    private let logger: Logger
    private let state: Mutex<State>
    /// Something is to be told.
    private let news: AsyncStream<Void>
    private let newsBell: AsyncStream<Void>.Continuation
    /// Something in the outbox is done with.
    private let dues: AsyncStream<Void>
    private let duesBell: AsyncStream<Void>.Continuation

    init(
        hub: StationHub, queue: OutgoingQueue, clock: any StationClock, metrics: MetricRegistry, logger: Logger
    ) {
        self.hub = hub
        self.queue = queue
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
        self.state = Mutex(State(channels: hub.cloudChannels))
        (self.news, self.newsBell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (self.dues, self.duesBell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Since when the cloud has had the oldest message without having been found to have it; `nil` when it has all.
    var oldestUnacknowledgedAge: Duration? {
        self.state.withLock { $0.window.oldestSince }.map { $0.duration(to: self.clock.now) }
    }

    /// Tells what there is until the task is cancelled or the queue is finished.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.collect() }
            group.addTask { await self.watchOutbox() }
            group.addTask { await self.writeDown() }
            await self.tell()
            group.cancelAll()
        }
    }

    // MARK: What the cloud says

    /// The cloud has chosen its channels anew.
    func channelsChanged() {
        let channels = self.hub.cloudChannels
        let wantsStates = self.state.withLock { state in
            defer { state.channels = channels }
            return channels.contains(.state) && !state.channels.contains(.state)
        }
        if wantsStates { self.noteAllStates() }
        self.newsBell.yield()
    }

    /// The cloud has taken these events.
    func acknowledge(_ eventIDs: [String]) {
        self.state.withLock { state in
            state.window.settle(eventIDs)
            for eventID in eventIDs.prefix(Self.maximumAcknowledgements - state.acknowledged.count) {
                state.acknowledged.insert(eventID)
            }
        }
        self.duesBell.yield()
    }

    /// The cloud has answered something.
    ///
    /// - Returns: Whether it was a request of the outbox.
    func answered(_ eventID: String) -> Bool {
        guard self.state.withLock({ $0.requests.remove(eventID) }) != nil else { return false }
        self.settle([eventID])
        return true
    }

    /// The socket has taken a row of the outbox.
    func written(_ row: Int64) {
        self.state.withLock { $0.window.written(row) }
    }

    func pingSent(_ number: Int) {
        self.state.withLock { $0.window.pingSent(number) }
    }

    /// With a cloud that never acknowledges, what was written before the ping has arrived.
    func pongReceived(_ number: Int) {
        let acknowledges = self.hub.cloudAcknowledges
        self.state.withLock { state in
            guard let row = state.window.pongReceived(number), !acknowledges else { return }
            state.window.settle(through: row)
            state.settledRow = row
        }
        self.duesBell.yield()
    }

    private func settle(_ eventIDs: [String]) {
        self.state.withLock { state in
            state.window.settle(eventIDs)
            state.done.formUnion(eventIDs)
        }
        self.duesBell.yield()
    }

    // MARK: Collecting

    private func collect() async {
        // First this and then all states: so none is missed in between.
        let subscription = self.hub.events.subscribe(capacity: Self.subscriptionCapacity)
        defer { self.hub.events.unsubscribe(subscription) }
        self.noteAllStates()
        self.newsBell.yield()
        while case let elements = await subscription.batch(upTo: Self.roundSize), !elements.isEmpty {
            for element in elements {
                switch element {
                case .lagged: self.noteAllStates()
                case .message(let event): self.note(event)
                }
            }
            self.newsBell.yield()
        }
    }

    private func note(_ event: StationEvent) {
        guard let channel = CloudNotification.channel(of: event), !channel.isDurable else { return }
        let lost = self.state.withLock { state in
            guard state.channels.contains(channel) else { return 0 }
            let before = state.buffer.lostNotes
            if case .deviceState(let id, _, let time) = event {
                state.buffer.noteState(of: id, at: time)
            } else if let note = CloudNotification(event, device: nil, at: self.clock.wallTime) {
                state.buffer.append(note)
            }
            return state.buffer.lostNotes - before
        }
        if lost > 0 { self.metrics.count(.cloudNotesLost, by: lost) }
    }

    /// What has changed while nobody listened is not known; so all is told.
    private func noteAllStates() {
        let devices = self.hub.devices().filter { !$0.lastKnownState.isEmpty }
        self.state.withLock { state in
            guard state.channels.contains(.state) else { return }
            for device in devices {
                state.buffer.noteState(of: device.id, at: device.lastSeenAt ?? device.updatedAt)
            }
        }
    }

    private func watchOutbox() async {
        for await _ in self.hub.outboxNews() { self.newsBell.yield() }
    }

    // MARK: Telling

    private func tell() async {
        for await _ in self.news {
            while true {
                // In this order: a device is told of before its state is.
                let batch = self.state.withLock { $0.buffer.take(upTo: Self.roundSize) }
                guard let rows = await self.tellOutbox(), await self.tell(batch) else { return }
                if batch.isEmpty, rows == 0 { break }
            }
        }
    }

    /// - Returns: false when nothing can be told any more.
    private func tell(_ batch: FeedBuffer.Batch) async -> Bool {
        for note in batch.notes where self.isWanted(note.channel) {
            guard await self.tell(note) else { return false }
        }
        for (id, time) in batch.states where self.isWanted(.state) {
            guard let state = self.hub.device(id)?.lastKnownState else { continue }
            guard await self.tell(CloudNotification(state: state, of: id, at: time)) else { return false }
        }
        return true
    }

    private func tell(_ note: CloudNotification) async -> Bool {
        await self.queue.tell(JSONRPCMessage.call(note.method, note.params).description)
    }

    private func isWanted(_ channel: CloudChannel) -> Bool {
        self.state.withLock { $0.channels.contains(channel) }
    }

    /// - Returns: How many rows were told; `nil` when nothing can be told any more.
    private func tellOutbox() async -> Int? {
        var count = 0
        while let rows = await self.nextRows() {
            if rows.isEmpty { return count }
            for row in rows {
                guard await self.tell(row) else { return nil }
            }
            count += rows.count
        }
        return nil
    }

    /// The next rows of the outbox; `nil` when the task is cancelled. A store that fails is asked again after a while.
    private func nextRows() async -> [OutboxRow]? {
        let last = self.state.withLock { $0.window.lastRead }
        while !Task.isCancelled {
            do throws(StoreError) {
                return try await self.hub.outboxRows(after: last, limit: Self.rowsPerRead)
            } catch {
                self.logger.debug("the outbox cannot be read", metadata: ["error": "\(error)"])
                guard await self.clock.pause(for: Self.retryPause) else { return nil }
            }
        }
        return nil
    }

    private func tell(_ row: OutboxRow) async -> Bool {
        let now = self.clock.now
        self.state.withLock { $0.window.read(OutboxEntry(id: row.id, eventID: row.eventID), at: now) }
        switch row.kind {
        case .notification(let channel):
            guard self.isWanted(channel) else {
                self.settle([row.eventID])
                return true
            }
            return await self.queue.tell(JSONRPCMessage.call(row.method, row.params).description, row: row.id)
        case .request:
            let id = JSONValue.string(row.eventID)
            self.state.withLock { _ = $0.requests.insert(row.eventID) }
            return await self.queue.tell(JSONRPCMessage.call(row.method, row.params, id: id).description, row: row.id)
        }
    }

    // MARK: Writing down

    /// Takes out of the outbox what is done with, as much at once as has come together.
    private func writeDown() async {
        for await _ in self.dues {
            let (acknowledged, done, row) = self.state.withLock { state in
                defer { (state.acknowledged, state.done, state.settledRow) = ([], [], nil) }
                return (state.acknowledged, state.done, state.settledRow)
            }
            do throws(StoreError) {
                if !acknowledged.isEmpty { try await self.hub.acknowledgeOutbox(Array(acknowledged)) }
                if !done.isEmpty { try await self.hub.dropFromOutbox(Array(done)) }
                if let row { try await self.hub.settleOutbox(through: row) }
            } catch {
                // They are told once more on the next link; at least once is what is promised.
                self.logger.debug("the outbox cannot be emptied", metadata: ["error": "\(error)"])
            }
        }
    }
}

extension MetricRegistry.Counter {
    static let cloudNotesLost = Self(
        "station_cloud_events_lost_total", help: "Events and commands that the cloud was not told of in time."
    )
}
