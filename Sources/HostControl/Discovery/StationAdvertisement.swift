public import Logging
public import PollLoop
public import StationCore
import Synchronization
public import SystemBus

/// Announces the station on the LAN through Avahi, so that `<hostname>.local` and a browser find it, for as long as it
/// runs.
///
/// It has a connection to the bus of its own: when that ends, however the agent ends, Avahi takes the announcement back.
public final class StationAdvertisement: Sendable {
    private struct State {
        var wanted: StationAnnouncement
        var establishedName: String?
    }

    private let address: BusAddress
    private let loop: LoopThread
    private let clock: any StationClock
    private let logger: Logger
    private let state: Mutex<State>
    private let wishes = Bells<Void>()

    /// - Parameter loop: The thread on which the connection to the bus lives; it must outlive the advertisement.
    public init(
        _ announcement: StationAnnouncement, bus: BusAddress = .system, on loop: LoopThread, clock: any StationClock,
        logger: Logger
    ) {
        self.address = bus
        self.loop = loop
        self.clock = clock
        self.logger = logger
        self.state = Mutex(State(wanted: announcement))
    }

    /// The name under which the LAN finds the station now, which may have a number behind it; `nil` while it is not
    /// announced.
    public var establishedName: String? { self.state.withLock { $0.establishedName } }

    /// Changes what is announced, such as whether the station is claimed.
    public func change(_ body: (inout StationAnnouncement) -> Void) {
        self.state.withLock { body(&$0.wanted) }
        self.wishes.ring()
    }

    /// Announces the station until the task is cancelled. Nothing that the bus or Avahi does ends it.
    public func run() async {
        var backoff = Backoff(base: .seconds(1), limit: .seconds(60))
        while !Task.isCancelled {
            do throws(BusError) {
                let bus = try await BusConnection.open(self.address, on: self.loop)
                let begin = self.clock.now
                let outcome = await self.use(bus)
                await bus.close()
                if begin.duration(to: self.clock.now) >= .seconds(60) { backoff.reset() }
                try outcome.get()
            } catch {
                self.logger.debug("there is no D-Bus to announce the station by", metadata: ["error": "\(error)"])
            }
            self.state.withLock { $0.establishedName = nil }
            guard !Task.isCancelled else { return }
            await self.clock.pause(for: backoff.next())
        }
    }

    /// One connection to the bus, until it ends or the task is cancelled.
    private func use(_ bus: BusConnection) async -> Result<Void, BusError> {
        let wishes = self.wishes.listen()
        do throws(BusError) {
            let match = BusMatch(sender: AvahiName.service, member: AvahiName.stateChanged)
            let signals = try await bus.signals(matching: match)
            let owners = try await bus.nameOwnerChanges(of: AvahiName.service)
            await self.follow(owners, signals, wishes, HostCalls(over: bus, clock: self.clock))
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func follow(
        _ owners: AsyncStream<BusOwner>, _ signals: AsyncStream<BusSignal>, _ wishes: AsyncStream<Void>,
        _ calls: HostCalls
    ) async {
        // Avahi tells little: should its states pile up the newest ones count.
        let (events, teller) = AsyncStream.makeStream(
            of: AvahiSession.Event.self, bufferingPolicy: .bufferingNewest(256))
        await withTaskGroup { group in
            group.addTask {
                for await owner in owners { teller.yield(.owner(isThere: owner.uniqueName != nil)) }
                teller.finish()
            }
            group.addTask { for await signal in signals { teller.yield(.state(signal)) } }
            group.addTask { for await _ in wishes { teller.yield(.wish) } }
            group.addTask { await self.obey(events, teller, calls) }
            // The connection is gone, or somebody wants us to stop.
            await group.next()
            group.cancelAll()
        }
    }

    private func obey(
        _ events: AsyncStream<AvahiSession.Event>, _ teller: AsyncStream<AvahiSession.Event>.Continuation,
        _ calls: HostCalls
    ) async {
        let clock = self.clock
        var retry: Task<Void, Never>?
        var session = AvahiSession(calls: calls, logger: self.logger)
        for await event in events {
            await session.handle(event, self.state.withLock { $0.wanted })
            self.state.withLock { $0.establishedName = session.establishedName }
            guard let pause = session.takeRetryPause() else { continue }
            retry?.cancel()
            retry = Task { if await clock.pause(for: pause) { teller.yield(.retry) } }
        }
        retry?.cancel()
        // In a task of its own: this one may be cancelled, and then nothing more is sent.
        let last = session
        await Task { await last.withdraw() }.value
    }
}
