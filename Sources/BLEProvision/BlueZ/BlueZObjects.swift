import StationCore
import Synchronization
import SystemBus

/// BlueZ's objects, kept up from its signals through restarts of `bluetoothd`; the one owner of these signals.
///
/// One subscription for all signals, so that their order is BlueZ's. It is there before the snapshot is asked for, so
/// that nothing is missed; what comes twice changes nothing.
final class BlueZObjects: Sendable {
    /// What has happened to BlueZ.
    enum Event: Sendable, Hashable {
        case change(BlueZTree.Change)
        /// Everything may be different: it came, went, or was asked for all it has.
        case everything
    }

    private struct State {
        var view = BlueZView()
        var values: [Int: (path: String, continuation: AsyncStream<[UInt8]>.Continuation)] = [:]
        var lastNumber = 0

        /// Takes out who listens to a characteristic of such a device. They are to be finished outside of the lock.
        mutating func takeReaders(
            where isMeant: (_ device: String) -> Bool
        ) -> [AsyncStream<[UInt8]>.Continuation] {
            let numbers = self.values.filter { isMeant(BlueZObjects.device(of: $0.value.path)) }.keys
            return numbers.compactMap { self.values.removeValue(forKey: $0)?.continuation }
        }
    }

    /// How long BlueZ may take to tell all that it has (habluetooth allows 8 s).
    private static let snapshotLimit: Duration = .seconds(10)
    /// How many notifications of one characteristic wait for their reader.
    private static let valueBacklog = 256

    let calls: BlueZCalls
    private let state = Mutex(State())
    private let bells = Bells<Void>()
    /// A slow reader loses old events; the view tells how things are.
    let events: AsyncStream<Event>
    private let eventContinuation: AsyncStream<Event>.Continuation

    init(calls: BlueZCalls) {
        self.calls = calls
        (self.events, self.eventContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(4096))
    }

    /// How things are now.
    var view: BlueZView { self.state.withLock { $0.view } }

    // MARK: Following

    /// Follows BlueZ until the connection to the bus ends or the task is cancelled.
    ///
    /// - Throws: `BusError` when it cannot even begin.
    func follow() async throws(BusError) {
        defer { self.end() }
        let signals = try await self.calls.bus.signals(matching: BusMatch(sender: BlueZName.service))
        let owners = try await self.calls.bus.nameOwnerChanges(of: BlueZName.service)
        await withTaskGroup { group in
            group.addTask { await self.take(signals) }
            group.addTask { await self.take(owners) }
            await group.next()
            // The bus is gone, or somebody wants us to stop: the other one has nothing to wait for.
            group.cancelAll()
        }
    }

    /// A subscription ends early when its reader fell behind: then another one begins with a snapshot.
    private func take(_ first: AsyncStream<BusSignal>) async {
        var signals = first
        while true {
            for await signal in signals { self.apply(signal) }
            guard !Task.isCancelled, await self.calls.bus.isOpen,
                let next = try? await self.calls.bus.signals(matching: BusMatch(sender: BlueZName.service))
            else { return }
            signals = next
            await self.load()
        }
    }

    private func take(_ owners: AsyncStream<BusOwner>) async {
        for await owner in owners {
            self.replace(by: BlueZTree(), isServed: false)
            if owner.uniqueName != nil { await self.load() }
        }
    }

    /// Asks for all that there is.
    func load() async {
        do throws(BlueZError) {
            let objects = try await self.calls.managedObjects(within: Self.snapshotLimit)
            self.replace(by: BlueZTree(objects), isServed: true)
        } catch {
            // Without an answer it is as if it were not there; its next sign of life is another owner.
            self.replace(by: BlueZTree(), isServed: false)
        }
    }

    private func replace(by tree: BlueZTree, isServed: Bool) {
        let readers = self.state.withLock { state in
            state.view.tree = tree
            state.view.isServed = isServed
            return state.takeReaders { !tree.isConnected($0) }
        }
        for reader in readers { reader.finish() }
        self.announce(.everything)
    }

    private func apply(_ signal: BusSignal) {
        let (changes, told, ended) = self.state.withLock { state in
            let changes = state.view.tree.apply(signal)
            var told: [(AsyncStream<[UInt8]>.Continuation, [UInt8])] = []
            var ended: [AsyncStream<[UInt8]>.Continuation] = []
            for change in changes {
                switch change {
                case .value(let path, let value):
                    told += state.values.values.filter { $0.path == path }.map { ($0.continuation, value) }
                case .disconnected(let device): ended += state.takeReaders { $0 == device }
                default: break
                }
            }
            return (changes, told, ended)
        }
        for (reader, value) in told { reader.yield(value) }
        for reader in ended { reader.finish() }
        for change in changes { self.eventContinuation.yield(.change(change)) }
        // Not only for changes: a property that nobody looks at may be waited for.
        self.bells.ring()
    }

    private func announce(_ event: Event) {
        self.eventContinuation.yield(event)
        self.bells.ring()
    }

    private func end() {
        let readers = self.state.withLock { state in
            state.view = BlueZView(isLost: true)
            return state.takeReaders { _ in true }
        }
        for reader in readers { reader.finish() }
        self.announce(.everything)
        self.eventContinuation.finish()
    }

    // MARK: Waiting

    /// Waits until BlueZ is as somebody wants it.
    ///
    /// - Parameters:
    ///   - what: What is waited for, for the error.
    ///   - condition: Gives the result, `nil` while there is none, or throws when there will be none.
    /// - Throws: What `condition` throws; `BlueZError` with `.timedOut`, `.cancelled` or `.busLost`.
    func wait<Result: Sendable>(
        for what: String, within limit: Duration,
        _ condition: @escaping @Sendable (BlueZView) throws(BlueZError) -> Result?
    ) async throws(BlueZError) -> Result {
        let rings = self.bells.listen()
        let outcome = try? await self.calls.clock.limit(to: limit) {
            await self.firstResult(after: rings, condition)
        }
        guard !Task.isCancelled else { throw BlueZError(.cancelled, "the wait for \(what) was cancelled") }
        guard let outcome = outcome ?? nil else { throw BlueZError(.timedOut, "\(what) did not come within \(limit)") }
        return try outcome.get()
    }

    private func firstResult<Result: Sendable>(
        after rings: AsyncStream<Void>, _ condition: @Sendable (BlueZView) throws(BlueZError) -> Result?
    ) async -> Swift.Result<Result, BlueZError>? {
        if let result = Self.ask(self.view, condition) { return result }
        for await _ in rings {
            if let result = Self.ask(self.view, condition) { return result }
        }
        return nil
    }

    private static func ask<Result: Sendable>(
        _ view: BlueZView, _ condition: (BlueZView) throws(BlueZError) -> Result?
    ) -> Swift.Result<Result, BlueZError>? {
        do throws(BlueZError) {
            if view.isLost { throw BlueZError(.busLost, "the connection to the bus is gone") }
            return try condition(view).map { .success($0) }
        } catch {
            return .failure(error)
        }
    }

    // MARK: Notifications

    /// The values that a characteristic tells from now on; ends with the link to its device.
    func values(of characteristic: String) -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.valueBacklog)
        )
        let number = self.state.withLock { state in
            state.lastNumber += 1
            state.values[state.lastNumber] = (characteristic, continuation)
            return state.lastNumber
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.values.removeValue(forKey: number) }
        }
        return stream
    }
}

extension BlueZObjects {
    /// `/org/bluez/hci0/dev_…/service000e/char000f` → the device's path.
    static func device(of characteristic: String) -> String {
        guard let mark = characteristic.firstRange(of: "/service") else { return characteristic }
        return String(characteristic[..<mark.lowerBound])
    }
}
