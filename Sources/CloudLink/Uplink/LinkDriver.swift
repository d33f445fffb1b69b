import Logging
import StationCore

/// Does what a `CloudLinkMachine` says, and tells it what happens.
actor LinkDriver: LinkConnection.Listener {
    private let configuration: CloudLinkConfiguration
    private let rules: LinkRules
    private let station: any LinkStation
    private let report: LinkReport
    private let metrics: MetricRegistry
    private let clock: any StationClock
    private let logger: Logger

    private var machine: CloudLinkMachine
    /// The connection that counts.
    private var connection: LinkConnection?
    private var lastNumber = 0
    /// Connections that have not ended yet, the one that counts and those that close politely.
    private var running: [Int: Task<Void, Never>] = [:]
    private var session: (any LinkSession)?
    private var sending: Task<Void, Never>?
    /// The end of the session before.
    private var ending: Task<Void, Never>?
    private var timer: Task<Void, Never>?
    /// The last fault that the log has; the same one again is no news.
    private var toldFault: String?

    init(
        configuration: CloudLinkConfiguration, rules: LinkRules, station: any LinkStation, report: LinkReport,
        metrics: MetricRegistry, clock: any StationClock, logger: Logger
    ) {
        self.configuration = configuration
        self.rules = rules
        self.station = station
        self.report = report
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
        self.machine = CloudLinkMachine(rules: rules)
    }

    // MARK: Told from outside

    func start() {
        self.handle(.start(self.station.credentials))
    }

    func credentialsChanged() {
        self.handle(.credentialsChanged(self.station.credentials))
    }

    func networkChanged() {
        self.handle(.networkChanged)
    }

    /// Says farewell to the cloud, and returns when that is through.
    func stop() async {
        self.handle(.stop)
        // Not one that is still being opened: a name look-up cannot be interrupted.
        for connection in self.running.values { await connection.value }
        await self.ending?.value
    }

    // MARK: Told by connections

    func opened(_ number: Int) {
        guard number == self.connection?.number else { return }
        self.metrics.count(.cloudConnections)
        self.handle(.opened)
    }

    func received(_ text: String, on number: Int) async {
        let message = LinkMessage(text)
        guard number == self.connection?.number else { return }
        if self.handle(.message(message)).contains(.deliver) { await self.session?.receive(text) }
    }

    func ponged(_ ping: Int?, on number: Int) async {
        guard number == self.connection?.number else { return }
        self.handle(ping.map(LinkInput.pong) ?? .heard(self.clock.now))
        if let ping { await self.session?.pongReceived(ping) }
    }

    private func ended(_ number: Int, _ loss: LinkLoss) {
        self.running[number] = nil
        guard number == self.connection?.number else { return }
        self.connection = nil
        self.handle(.closed(loss))
    }

    // MARK: The machine

    @discardableResult
    private func handle(_ input: LinkInput) -> [LinkAction] {
        let actions = self.machine.handle(input, at: self.clock.now)
        for action in actions { self.perform(action) }
        return actions
    }

    private func perform(_ action: LinkAction) {
        switch action {
        case .connect: self.connect()
        case .send(let greeting): self.send(greeting.text)
        case .ping(let number): self.ping(number)
        case .drop: self.drop()
        case .close(let reason): self.connection.take()?.close(reason)
        case .storeToken(let token): self.store(token)
        case .setTokenAside: self.setTokenAside()
        case .resetStation: self.resetStation()
        case .beginRPC: self.beginSession()
        case .endRPC: self.endSession()
        case .deliver: break
        case .ignore: self.metrics.count(.cloudIgnoredMessages)
        case .setTimer(let time): self.setTimer(time)
        case .report(let state, let reason): self.tell(state, because: reason)
        case .warnOfCertificate(let detail):
            self.logger.error(
                "the cloud's certificate is not accepted; is the station's clock right?",
                metadata: ["detail": "\(detail)", "clock": "\(self.clock.wallTime)"]
            )
        }
    }

    private func setTimer(_ time: MonotonicInstant?) {
        self.timer?.cancel()
        self.timer = time.map { time in
            Task {
                // Fails only when another time has been set.
                guard await self.clock.pause(until: time), !Task.isCancelled else { return }
                self.timeHasCome()
            }
        }
    }

    private func timeHasCome() {
        if let time = self.connection?.lastFrameAt { self.handle(.heard(time)) }
        self.handle(.timer)
    }

    // MARK: Connections

    private func connect() {
        self.lastNumber += 1
        let number = self.lastNumber
        let connection = LinkConnection(
            number: number, configuration: self.configuration, rules: self.rules, clock: self.clock
        )
        self.connection = connection
        self.running[number] = Task {
            let loss = await connection.run(self)
            self.ended(number, loss)
        }
    }

    private func send(_ text: String) {
        guard let connection else { return }
        // Where it fails, the end of the connection says so.
        Task { _ = await connection.send(text) }
    }

    private func ping(_ number: Int) {
        guard let connection else { return }
        guard let session else { return connection.ping(number) }
        Task {
            await session.pingSent(number)
            connection.ping(number)
        }
    }

    private func drop() {
        guard let connection = self.connection.take() else { return }
        connection.drop()
        self.running.removeValue(forKey: connection.number)?.cancel()
    }

    // MARK: The session of an authenticated connection

    private func beginSession() {
        guard let connection else { return }
        let session = self.station.makeSession()
        let before = self.ending
        self.session = session
        self.report.note(session: session)
        self.sending = Task {
            await before?.value
            await Self.send(session, over: connection)
        }
    }

    private static func send(_ session: any LinkSession, over connection: LinkConnection) async {
        for await text in session.outgoing {
            guard await connection.send(text) else { return }
            await session.sent()
        }
    }

    private func endSession() {
        self.sending.take()?.cancel()
        guard let session = self.session.take() else { return }
        self.report.note(session: nil)
        self.ending = Task { await session.end() }
    }

    // MARK: The store

    private func store(_ token: Secret) {
        Task {
            do {
                try await self.station.claim(with: token)
                self.logger.notice("the station has been claimed")
                self.credentialsChanged()
            } catch {
                self.logger.error("the cloud's token could not be stored", metadata: ["error": "\(error)"])
                self.handle(.storeFailed)
            }
        }
    }

    private func setTokenAside() {
        Task {
            do {
                try await self.station.setTokenAside()
                self.logger.error("the cloud refuses the station's token; the station is unclaimed now")
                self.credentialsChanged()
            } catch {
                self.logger.error("the refused token could not be set aside", metadata: ["error": "\(error)"])
            }
        }
    }

    private func resetStation() {
        let connection = self.connection
        self.logger.notice("the cloud orders the station to be reset")
        Task {
            if let acknowledgement = await self.station.beginReset() {
                _ = await connection?.send(acknowledgement)
                await self.station.finishReset()
            }
            self.handle(.resetFailed)
        }
    }

    // MARK: What people are told

    private func tell(_ state: LinkState, because reason: String?) {
        self.report.note(state, because: reason, clock: self.clock)
        let host: Logger.MetadataValue = "\(self.configuration.address)"
        switch state {
        case .waiting, .authenticated:
            let isClaimed = state != .waiting
            self.toldFault = nil
            self.logger.notice(
                isClaimed ? "connected to the cloud" : "connected to the cloud; the station waits to be claimed",
                metadata: ["cloud": host]
            )
        case .offline:
            let reason = reason ?? ""
            let isNews = self.toldFault != reason
            self.toldFault = reason
            self.logger.log(
                level: isNews ? .warning : .debug, "the cloud is away", metadata: ["cloud": host, "error": "\(reason)"]
            )
        case .stopped, .connecting, .claiming, .authenticating, .resetting: break
        }
    }
}

extension MetricRegistry.Counter {
    static let cloudConnections = Self("station_cloud_connections_total", help: "Connections to the cloud that opened.")
    static let cloudIgnoredMessages = Self(
        "station_cloud_ignored_total", help: "Messages of the cloud that came before it had accepted the station."
    )
}
