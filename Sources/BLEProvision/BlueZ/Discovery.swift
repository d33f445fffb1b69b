import Logging
import StationCore
import SystemBus

/// BlueZ's discovery as we want it: on while somebody watches or waits for a device, off during connections.
///
/// Filter and discovery belong to our connection to the bus; those of other programs are theirs.
actor Discovery {
    /// How long to wait when somebody else's operation is under way; after that it is tried again with the next tick.
    private static let busyPause: Duration = .seconds(1)
    private static let tries = 4
    /// So long after the reply to `StartDiscovery` the property `Discovering` may take to follow.
    private static let signalLimit: Duration = .seconds(2)
    private static let startLimit: Duration = .seconds(15)
    private static let stopLimit: Duration = .seconds(5)

    private let objects: BlueZObjects
    private let services: [GATTUUID]?
    private let logger: Logger
    private let isWatched: @Sendable () -> Bool
    private var listeners = 0
    private var pauses = 0
    /// On which adapter discovery is on.
    private var runningOn: String?
    private var runningSince = MonotonicInstant(sinceOrigin: .zero)
    private var isSettling = false
    private var settled: [CheckedContinuation<Void, Never>] = []
    private var lastFault: BlueZError?
    /// Called when discovery has begun.
    private let onStart: @Sendable () -> Void
    /// Called when it has ended.
    private let onStop: @Sendable () -> Void

    /// - Parameters:
    ///   - services: What a device must advertise; `nil`: all devices.
    ///   - isWatched: Whether anybody watches; after a change of it `settle` is to be called.
    init(
        objects: BlueZObjects, services: [GATTUUID]?, logger: Logger, isWatched: @escaping @Sendable () -> Bool,
        onStart: @escaping @Sendable () -> Void, onStop: @escaping @Sendable () -> Void
    ) {
        self.isWatched = isWatched
        self.objects = objects
        self.services = services
        self.logger = logger
        self.onStart = onStart
        self.onStop = onStop
    }

    var isOn: Bool { self.runningOn != nil }

    private var isWanted: Bool {
        self.pauses == 0 && (self.listeners > 0 || self.isWatched()) && self.objects.view.readyAdapter != nil
    }

    /// Off until as many `resume` have come; returns when it is off.
    func pause() async {
        self.pauses += 1
        await self.settle()
    }

    func resume() async {
        self.pauses -= 1
        await self.settle()
    }

    /// On, watched or not, while `body` runs: for a device that must be heard before it can be connected.
    func listening<Result: Sendable>(
        _ body: @Sendable () async throws(BlueZError) -> Result
    ) async throws(BlueZError) -> Result {
        self.listeners += 1
        await self.settle()
        do throws(BlueZError) {
            let result = try await body()
            self.listeners -= 1
            await self.settle()
            return result
        } catch {
            self.listeners -= 1
            await self.settle()
            throw error
        }
    }

    /// Ends it and begins it again.
    func restart() async {
        await self.pause()
        await self.resume()
    }

    /// The adapter may be another, or BlueZ another process: brings discovery to what is wanted.
    func settle() async {
        if self.isSettling {
            return await withCheckedContinuation { self.settled.append($0) }
        }
        self.isSettling = true
        await self.reachWhatIsWanted()
        self.isSettling = false
        let waiting = self.settled
        self.settled = []
        for waiter in waiting { waiter.resume() }
    }

    private func reachWhatIsWanted() async {
        self.noticeLoss()
        while self.isWanted != self.isOn {
            if self.isOn {
                await self.stop()
            } else if await !self.start() {
                return
            }
            self.noticeLoss()
        }
    }

    /// With its adapter, or its BlueZ, discovery is gone, and so it is when the adapter was switched off and on.
    private func noticeLoss() {
        guard let path = self.runningOn else { return }
        let age = self.runningSince.duration(to: self.objects.calls.clock.now)
        if let adapter = self.objects.view.readyAdapter, adapter.path == path,
            adapter.isDiscovering || age < Self.signalLimit
        {
            return
        }
        self.runningOn = nil
        self.onStop()
    }

    private func start() async -> Bool {
        var tries = 0
        while self.isWanted, let adapter = self.objects.view.readyAdapter?.path {
            tries += 1
            do throws(BlueZError) {
                try await self.start(on: adapter)
                self.lastFault = nil
                self.runningOn = adapter
                self.runningSince = self.objects.calls.clock.now
                self.onStart()
                return true
            } catch {
                let isNews = self.lastFault?.cause != error.cause
                self.lastFault = error
                if isNews { self.logger.info("discovery does not begin", metadata: ["error": "\(error)"]) }
                guard error.cause == .busy, tries < Self.tries, !Task.isCancelled else { return false }
                // One that we have begun and forgotten would be such an operation, too.
                await self.stopQuietly(on: adapter)
                guard await self.objects.calls.clock.pause(for: Self.busyPause) else { return false }
            }
        }
        // Not wanted any more, which is no failure; the caller looks again.
        return !self.isWanted
    }

    private func start(on adapter: String) async throws(BlueZError) {
        var filter: [String: BusValue] = ["Transport": .string("le"), "DuplicateData": .bool(true)]
        if let services { filter["UUIDs"] = .strings(services.map(\.description)) }
        let calls = self.objects.calls
        try await calls.call("SetDiscoveryFilter", of: BlueZName.adapter, at: adapter, [.properties(filter)])
        try await calls.call("StartDiscovery", of: BlueZName.adapter, at: adapter, within: Self.startLimit)
    }

    private func stop() async {
        guard let adapter = self.runningOn else { return }
        self.runningOn = nil
        await self.stopQuietly(on: adapter)
        self.onStop()
    }

    /// NotReady, “No discovery started”, an adapter that is gone: all the same, it is off.
    private func stopQuietly(on adapter: String) async {
        do throws(BlueZError) {
            try await self.objects.calls.call(
                "StopDiscovery", of: BlueZName.adapter, at: adapter, within: Self.stopLimit
            )
        } catch {
            self.logger.debug("discovery did not end as it should", metadata: ["error": "\(error)"])
        }
    }
}
