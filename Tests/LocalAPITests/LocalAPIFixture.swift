import Accounts
import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import LocalAPI

/// The real server on a free port over a store in memory; only the broker is played.
struct LocalAPIFixture {
    static let token = Secret("agent-token-for-tests")
    static let ownerEmail = "owner@example.com"
    static let password = Secret("correct horse")
    /// Of that password, with the least cost there is.
    static let passwordHash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
    /// How the agent itself logs in at a broker.
    static let agentLogin = (username: "station-agent", password: Secret("the agent's own password"))

    let database: StationDatabase
    let hub: StationHub
    let desk: CommandDesk
    let health: HealthBoard
    let metrics: MetricRegistry
    let log: LogBook
    let port: Int
    let accounts: AccountDesk
    let firmware: FirmwareLibrary
    let policy: BrokerPolicyBoard
    let owner: SignIn

    /// Calls as the owner of the station.
    var api: HTTPProbe { HTTPProbe(port: self.port, token: self.owner.accessToken) }
    /// The header by which the owner calls, for requests that are written by hand.
    var bearer: String { "Authorization: Bearer \(self.owner.accessToken.revealed)\r\n" }
    /// Calls with the agent token.
    var agent: HTTPProbe { HTTPProbe(port: self.port, token: Self.token) }
    /// Calls without any token.
    var stranger: HTTPProbe { HTTPProbe(port: self.port) }

    /// Starts everything, runs `body` and stops, whatever happens.
    static func run(
        token: Secret = Self.token, limits: LocalAPILimits = LocalAPILimits(), database: StationDatabase? = nil,
        settings: HubSettings = HubSettings(), clock: any StationClock = SystemStationClock(),
        issuer: IssuerTokens? = nil, logins: any LoginProjection = NoLoginProjection(),
        cloud: any CloudLinking = NoCloud(), provisioning: any DeviceProvisioning = NoProvisioning(),
        radio: RadioQuiet = RadioQuiet(),
        ports: HostPorts = HostPorts(restartAgent: {}),
        configure: @Sendable (inout LocalAPIConfiguration) throws -> Void = { _ in },
        isolation: isolated (any Actor)? = #isolation, _ body: (LocalAPIFixture) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.run { directory in
            let parts = try await LocalAPIParts.make(
                token: token, limits: limits, database: database, settings: settings, clock: clock, issuer: issuer,
                logins: logins, cloud: cloud, provisioning: provisioning, radio: radio, ports: ports,
                firmwarePath: directory.path("firmware"), configure: configure
            )
            try await parts.firmware.directory.prepare()
            try await Self.run(parts, body)
        }
    }

    private static func run(
        _ parts: LocalAPIParts, isolation: isolated (any Actor)? = #isolation,
        _ body: (LocalAPIFixture) async throws -> Void
    ) async throws {
        let running = Task { try await parts.server.run() }
        do {
            let fixture = LocalAPIFixture(
                database: parts.database, hub: parts.hub, desk: parts.desk, health: parts.health,
                metrics: parts.metrics, log: parts.log, port: try await parts.server.boundPort,
                accounts: parts.accounts, firmware: parts.firmware, policy: parts.policy,
                owner: try await parts.signInOwner()
            )
            try await body(fixture)
        } catch {
            running.cancel()
            try await end(of: running)
            throw error
        }
        await parts.server.stop()
        try await end(of: running)
    }

    /// Makes a device that is online and has said something.
    func addDevice(
        _ name: String, type: String? = nil, reporting state: JSONObject = [:]
    ) async throws -> Device {
        let (device, _) = try await self.hub.addDevice(NewDevice(name: name, type: type))
        if !state.isEmpty { await self.report(state, from: device) }
        return device
    }

    /// Makes somebody with an account, who then signs in.
    func addUser(_ email: String, role: UserRole, isStationMember: Bool = true) async throws -> SignIn {
        _ = try await self.hub.addUser(
            NewUser(
                email: try #require(EmailAddress(email)), name: String(email.prefix { $0 != "@" }),
                passwordHash: Self.passwordHash,
                admission: isStationMember ? .given(role) : .open, isEmailVerified: true
            )
        )
        return try await self.signIn(email)
    }

    func signIn(_ email: String) async throws -> SignIn {
        try await self.accounts.signIn(
            email: email, password: Self.password, from: Origin(address: "the fixture", isLocal: true)
        )
    }

    func report(_ state: JSONObject, from device: Device, measuredAt: Timestamp? = nil) async {
        _ = await self.hub.ingest([
            DeviceReport(
                sender: device.externalID, address: DeviceAddress(dialect: .smarthome, scope: "s1"),
                content: .state(state, measuredAt: measuredAt)
            )
        ])
    }
}

/// Waits until a server's `run()` has returned.
///
/// - Throws: What it threw; `EventuallyFailure` when it does not return.
func end(of running: Task<Void, any Error>) async throws {
    let hasEnded = Locked(false)
    let watch = Task {
        _ = await running.result
        hasEnded.withLock { $0 = true }
    }
    defer { watch.cancel() }
    try await eventually("the server has ended") { hasEnded.value }
    try await running.value
}

/// What a server is made of, before it runs.
struct LocalAPIParts {
    let server: LocalAPIServer
    let database: StationDatabase
    let hub: StationHub
    let desk: CommandDesk
    let accounts: AccountDesk
    let firmware: FirmwareLibrary
    let health: HealthBoard
    let metrics: MetricRegistry
    let readiness: Readiness
    let log: LogBook
    let policy: BrokerPolicyBoard
    /// What the server's router is made of.
    let router: StationRouter

    /// Makes the owner of the station, if there is none, and signs in.
    func signInOwner() async throws -> SignIn {
        if self.hub.needsOwner {
            let email = try #require(EmailAddress(LocalAPIFixture.ownerEmail))
            _ = try await self.hub.addUser(
                NewUser(
                    email: email, name: "Olga", passwordHash: LocalAPIFixture.passwordHash, admission: .firstOwner,
                    isEmailVerified: true
                )
            )
        }
        return try await self.accounts.signIn(
            email: LocalAPIFixture.ownerEmail, password: LocalAPIFixture.password,
            from: Origin(address: "the fixture", isLocal: true)
        )
    }

    static func make(
        token: Secret = LocalAPIFixture.token, host: String = "127.0.0.1", port: Int = 0,
        limits: LocalAPILimits = LocalAPILimits(), database: StationDatabase? = nil,
        settings: HubSettings = HubSettings(), clock: any StationClock = SystemStationClock(),
        issuer: IssuerTokens? = nil, logins: any LoginProjection = NoLoginProjection(),
        cloud: any CloudLinking = NoCloud(), provisioning: any DeviceProvisioning = NoProvisioning(),
        radio: RadioQuiet = RadioQuiet(), ports: HostPorts = HostPorts(restartAgent: {}),
        firmwarePath: String = "/nowhere",
        configure: @Sendable (inout LocalAPIConfiguration) throws -> Void = { _ in }
    ) async throws -> LocalAPIParts {
        let database = try database ?? StationDatabase.inMemory()
        let health = HealthBoard()
        let metrics = MetricRegistry()
        let hub = try await StationHub.open(
            database: database, settings: settings, clock: clock, metrics: metrics, health: health
        )
        let desk = CommandDesk()
        let readiness = Readiness([.httpListening])
        let stationID = try #require(StationID("station-1"))
        let secret = Secret("a key for tests that is long enough")
        let accounts = AccountDesk(
            settings: AccountSettings(stationName: "Test station", publicURL: "http://station.local"), secret: secret,
            hub: hub, tokens: await AccessTokens(secret: secret, issuer: stationID, lifetime: .seconds(900)), mail: nil,
            clock: clock, logger: Logger(label: "test")
        )
        let log = LogBook()
        var configuration = LocalAPIConfiguration(
            host: host, port: port, agentToken: token, version: "1.2.3",
            stationID: stationID, stationName: "Test station"
        )
        configuration.publicURL = { "http://station.test:\($0)" }
        configuration.limits = limits
        try configure(&configuration)
        let firmware = FirmwareLibrary(hub: hub, directory: FirmwareDirectory(path: firmwarePath), clock: clock)
        let commander = DeviceCommander(hub: hub, channel: desk, clock: clock)
        let policy = BrokerPolicyBoard()
        let broker = BrokerAuthority(
            hub: hub, desk: accounts, issuer: issuer, policy: policy, agent: LocalAPIFixture.agentLogin,
            refusals: RefusedLogins(), clock: clock
        )
        let server = LocalAPIServer(
            configuration: configuration, hub: hub, commander: commander, desk: accounts,
            firmware: firmware, provisioning: provisioning, broker: broker, logins: logins, cloud: cloud,
            radio: radio, host: ports, health: health, metrics: metrics, readiness: readiness, clock: clock,
            logger: log.logger
        )
        return LocalAPIParts(
            server: server, database: database, hub: hub, desk: desk, accounts: accounts, firmware: firmware,
            health: health, metrics: metrics, readiness: readiness, log: log, policy: policy,
            router: StationRouter(
                configuration: configuration, hub: hub, commander: commander, desk: accounts, firmware: firmware,
                offers: FirmwareOffers(
                    hub: hub, commander: commander,
                    address: FirmwareAddress(listener: ListenerState(), publicURL: configuration.publicURL),
                    radio: radio, clock: clock, logger: log.logger
                ),
                feed: LiveFeed(hub: hub, health: health, clock: clock), provisioning: provisioning,
                broker: broker, logins: logins, cloud: cloud,
                network: NetworkDesk(
                    network: ports.network, devices: WiFiSource(hub: hub, configured: configuration.wifi), radio: radio,
                    clock: clock, logger: log.logger
                ),
                system: SystemDesk(ports: ports, clock: clock, logger: log.logger), health: health, metrics: metrics,
                clock: clock
            )
        )
    }
}
