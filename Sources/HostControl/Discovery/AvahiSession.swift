import Logging
import StationCore
import SystemBus

/// The announcement over one connection to the bus, from its beginning to its end. One task runs it: what happens is dealt
/// with one by one.
struct AvahiSession: Sendable {
    /// What happens.
    enum Event: Sendable {
        /// Avahi came, went or was restarted.
        case owner(isThere: Bool)
        /// `StateChanged`, of the server or of a group.
        case state(BusSignal)
        /// Something else is to be announced.
        case wish
        /// What failed is to be tried again.
        case retry
    }

    /// So many other names are tried at once.
    private static let maximumRenames = 16

    private let avahi: AvahiCalls
    private let logger: Logger
    private var backoff = Backoff(base: .seconds(1), limit: .seconds(60))

    /// What is announced, or about to be.
    private(set) var announced: StationAnnouncement?
    private var name = ""
    private var group: String?
    /// Whether Avahi has found the name to be the station's own; then the name, else `nil`.
    private(set) var establishedName: String?

    /// After which pause `.retry` is wanted.
    private var retryPause: Duration?

    init(calls: HostCalls, logger: Logger) {
        self.avahi = AvahiCalls(calls: calls)
        self.logger = logger
    }

    /// Takes out after which pause `.retry` is wanted; `nil` for not at all.
    mutating func takeRetryPause() -> Duration? {
        defer { self.retryPause = nil }
        return self.retryPause
    }

    /// Deals with what happened.
    mutating func handle(_ event: Event, _ wanted: StationAnnouncement) async {
        do throws(BusError) {
            switch event {
            case .owner(let isThere): try await self.ownerChanged(isThere, wanted)
            case .state(let signal): try await self.stateChanged(signal, wanted)
            case .wish: try await self.meet(wanted)
            case .retry: if self.establishedName == nil { try await self.announce(wanted) }
            }
        } catch {
            await self.failed(error)
        }
    }

    /// Takes the announcement back; Avahi tells the LAN.
    func withdraw() async {
        guard let group = self.group else { return }
        do throws(BusError) {
            try await self.avahi.free(group)
        } catch {
            // The end of the connection, which comes next, has the same effect.
            self.logger.debug("the announcement could not be withdrawn", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Events

    private mutating func ownerChanged(_ isThere: Bool, _ wanted: StationAnnouncement) async throws(BusError) {
        // The groups of an Avahi that ended are gone with it.
        self.group = nil
        self.establishedName = nil
        guard isThere else {
            self.logger.info("the station is not announced: Avahi is not running")
            return
        }
        self.backoff.reset()
        try await self.announce(wanted)
    }

    private mutating func stateChanged(_ signal: BusSignal, _ wanted: StationAnnouncement) async throws(BusError) {
        let number = signal.arguments.first?.integer
        switch signal.interface {
        case AvahiName.server: try await self.serverChanged(AvahiServerState(number), wanted)
        case AvahiName.group where signal.path == self.group:
            try await self.groupChanged(AvahiGroupState(number), wanted)
        default: break
        }
    }

    private mutating func serverChanged(
        _ state: AvahiServerState, _ wanted: StationAnnouncement
    ) async throws(BusError) {
        switch state {
        case .running: try await self.announce(wanted)
        case .unsettled:
            // The host gets another name: the services must be announced again, under that.
            self.establishedName = nil
            if let group = self.group { try await self.avahi.reset(group) }
        case .failed:
            self.logger.warning("the station is not announced: Avahi has failed")
            self.establishedName = nil
            self.group = nil
        }
    }

    private mutating func groupChanged(
        _ state: AvahiGroupState, _ wanted: StationAnnouncement
    ) async throws(BusError) {
        switch state {
        // Of a commit that came after one whose end is told late.
        case .uncommitted, .registering: self.establishedName = nil
        case .established:
            self.backoff.reset()
            self.establishedName = self.name
            self.logger.info("the station is announced on the LAN", metadata: ["name": "\(self.name)"])
        case .collision:
            self.establishedName = nil
            self.name = try await self.avahi.alternative(to: self.name)
            try await self.commit(wanted)
        case .failed:
            throw .invalid(detail: "Avahi could not announce the services")
        }
    }

    /// Something else is wanted: as few as possible are told.
    private mutating func meet(_ wanted: StationAnnouncement) async throws(BusError) {
        guard let announced = self.announced, announced != wanted, let group = self.group else { return }
        guard self.establishedName != nil, announced.hasServices(of: wanted) else {
            return try await self.announce(wanted)
        }
        try await self.avahi.update(wanted, as: self.name, group: group)
        self.announced = wanted
    }

    // MARK: Announcing

    private mutating func announce(_ wanted: StationAnnouncement) async throws(BusError) {
        guard try await self.avahi.serverState() == .running else { return }
        self.name = wanted.label
        try await self.commit(wanted)
    }

    private mutating func commit(_ wanted: StationAnnouncement) async throws(BusError) {
        self.establishedName = nil
        let group: String
        if let present = self.group { group = present } else { group = try await self.avahi.make() }
        self.group = group
        for _ in 0..<Self.maximumRenames {
            do throws(BusError) {
                try await self.avahi.commit(wanted, as: self.name, group: group)
                self.announced = wanted
                return
            } catch {
                // Another program of this host has such a service.
                guard error.name == AvahiName.collisionError else { throw error }
                self.name = try await self.avahi.alternative(to: self.name)
            }
        }
        throw .invalid(detail: "no name is free: “\(self.name)” is taken, too")
    }

    private mutating func failed(_ error: BusError) async {
        self.establishedName = nil
        // Avahi's absence and the end of the connection are told in their own ways.
        guard !error.isServiceMissing, !error.isConnectionLost, error != .cancelled else { return }
        let pause = self.backoff.next()
        self.logger.warning(
            "the station could not be announced", metadata: ["error": "\(error)", "again": "\(pause)"])
        // A group in an unknown state is not used again.
        await self.withdraw()
        self.group = nil
        self.retryPause = pause
    }
}
