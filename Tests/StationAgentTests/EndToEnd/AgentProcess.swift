import Foundation
import MQTTTransport
import PollLoop
import StationCore
import StationTestSupport
import Synchronization
import Testing

/// A station as an operator has it: the built binary as a daemon, with a data directory and a broker of its own, and
/// only the doors that an operator has: signals, HTTP, MQTT, the command line, the files.
///
///     try await AgentProcess.run { agent in
///         try await agent.command(["device", "add", "--name", "Lamp"])
///         … agent.get("/api/devices") … agent.stop() … agent.start() …
///     }
final class AgentProcess: Sendable {
    struct Setup: Sendable {
        /// Settings besides those that every test needs, or in their place.
        var environment: [String: String] = [:]
        /// The content of the configuration file; `nil`: none is named.
        var yaml: String?
        /// Whether the broker lets everybody in.
        var allowsAnonymous = true
        /// Further lines of mosquitto.conf.
        var brokerLines: @Sendable (URL) throws -> [String] = { _ in [] }
        /// Whether the broker is set up by `station-agent broker init`, and so confines everybody.
        var isEnforced = false
        /// Whether the daemon runs and is well when the test's body begins.
        var startsAtOnce = true
    }

    /// What went wrong, and what the daemon said meanwhile.
    struct Failure: Error, CustomStringConvertible {
        let cause: any Error
        let log: String

        var description: String { "\(self.cause)\n\(self.log)" }
    }

    /// What programs on the machine show to the API.
    static let token = "end-to-end-token-4711"
    static let ownerPassword = "end-to-end-password-4712"

    let broker: BrokerProcess
    let directory: TemporaryDirectory
    let port: Int
    let environment: [String: String]
    let loop: LoopThread
    private let configurationFile: String?
    private let children = Mutex<[ChildProcess]>([])
    private let clientCount = Atomic(0)
    private let ownerToken = Mutex<Secret?>(nil)

    /// The access token of the owner, who has signed in once the station was well for the first time.
    var accessToken: Secret? { self.ownerToken.withLock { $0 } }

    // MARK: Life

    /// Makes a station, runs `body` and stops everything, whatever happens.
    static func run(
        _ setup: Setup = Setup(), isolation: isolated (any Actor)? = #isolation,
        _ body: (AgentProcess) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.run { directory in
            if setup.isEnforced { return try await Self.runEnforced(setup, directory, body) }
            let lines = setup.brokerLines
            let configuration: @Sendable (URL) throws -> [String] = { url in
                // It keeps every message for an agent that is slow to take them.
                try lines(url) + ["max_queued_messages 0"]
            }
            try await BrokerProcess.run(
                allowAnonymous: setup.allowsAnonymous, configuration: configuration
            ) { broker in
                try await Self.run(setup, broker, directory, body)
            }
        }
    }

    /// As an installer does it: `broker init`, the broker, the daemon.
    private static func runEnforced(
        _ setup: Setup, _ directory: TemporaryDirectory, isolation: isolated (any Actor)? = #isolation,
        _ body: (AgentProcess) async throws -> Void
    ) async throws {
        let port = LoopbackPort.unused()
        let made = try await AgentProgram.run(
            ["broker", "init", "--dir", directory.path("broker"), "--listen", "127.0.0.1:\(port)"],
            environment: ["DATA_DIR": directory.path("data")].merging(setup.environment) { $1 }, in: directory
        )
        try #require(made.code == 0, "\(made)")
        let file = URL(filePath: directory.path("broker/mosquitto.conf"))
        try await BrokerProcess.run(by: file, on: port) { broker in
            try await Self.run(setup, broker, directory, body)
        }
    }

    private static func run(
        _ setup: Setup, _ broker: BrokerProcess, _ directory: TemporaryDirectory,
        isolation: isolated (any Actor)? = #isolation, _ body: (AgentProcess) async throws -> Void
    ) async throws {
        let agent = try AgentProcess(setup, broker: broker, directory: directory)
        defer { agent.loop.stop() }
        do {
            if setup.startsAtOnce { try await agent.start() }
            try await body(agent)
        } catch {
            await agent.kill9()
            throw Failure(cause: error, log: agent.log)
        }
        await agent.kill9()
    }

    private init(_ setup: Setup, broker: BrokerProcess, directory: TemporaryDirectory) throws {
        self.broker = broker
        self.directory = directory
        self.port = LoopbackPort.unused()
        self.loop = try LoopThread(name: "e2e")
        var environment = [
            "DATA_DIR": directory.path("data"), "HOST": "127.0.0.1", "PORT": "\(self.port)", "MQTT_URL": broker.url,
            "AGENT_TOKEN": Self.token, "LOG_FORMAT": "text",
            // One sign-in serves a whole test, whatever it does to the clock.
            "JWT_EXPIRES_IN": "30d",
        ]
        environment.merge(setup.environment) { $1 }
        self.environment = environment
        self.configurationFile = setup.yaml.map { _ in directory.path("station-agent.yaml") }
        if let yaml = setup.yaml { try self.configure(yaml) }
    }

    /// Starts the daemon on the same data and waits until it says that all is well.
    func start(environment: [String: String] = [:]) async throws {
        try await self.launch(environment: environment)
        try await self.waitUntilWell()
    }

    /// Starts the daemon and waits for nothing.
    func launch(environment: [String: String] = [:]) async throws {
        let number = self.children.withLock { $0.count }
        let child = try await AgentProgram.start(
            ["run"] + (self.configurationFile.map { ["--config", $0] } ?? []),
            environment: self.environment.merging(environment) { $1 },
            output: self.directory.url.appending(path: "agent-\(number).log")
        )
        self.children.withLock { $0.append(child) }
    }

    func waitUntilWell() async throws {
        try await eventually("the station says ok") {
            try #require(self.isRunning, "the daemon has ended: \(self.log)")
            guard LoopbackPort.accepts(self.port) else { return false }
            let health = try await self.health()
            return health.status == 200 && health.word == "ok"
        }
        if self.accessToken == nil { try await self.signIn() }
    }

    /// Sets the station up: its owner registers and signs in.
    private func signIn() async throws {
        let stranger = HTTPProbe(port: self.port)
        let account: JSONValue = ["email": "owner@example.com", "password": .string(Self.ownerPassword)]
        let registered = try await stranger.post("/api/auth/register", json: account)
        try #require(registered.status == 201, "\(registered.text)")
        let answer = try await stranger.post("/api/auth/login", json: account)
        let token = try #require(answer.json["accessToken"]?.stringValue, "\(answer.text)")
        self.ownerToken.withLock { $0 = Secret(token) }
    }

    private var child: ChildProcess? { self.children.withLock { $0.last } }

    var isRunning: Bool { self.child?.isRunning ?? false }

    var processID: Int32? { self.child?.processID }

    /// What the daemon has written to its log, in all its lives.
    var log: String { self.children.withLock { $0 }.map(\.output).joined() }

    func signal(_ number: Int32) {
        self.child?.signal(number)
    }

    /// Waits for the end of the daemon and returns its exit code.
    func ended() async throws -> Int32 {
        let child = try #require(self.child)
        try await eventually("the daemon ends") { child.exitCode != nil }
        return try #require(child.exitCode)
    }

    /// Stops the daemon as systemd does, and returns its exit code.
    @discardableResult
    func stop() async throws -> Int32 {
        self.signal(SIGTERM)
        return try await self.ended()
    }

    func kill9() async {
        await self.child?.kill9()
    }

    // MARK: The operator's other tools

    /// Writes the configuration file.
    func configure(_ yaml: String) throws {
        try Data(yaml.utf8).write(to: self.directory.url.appending(path: "station-agent.yaml"), options: .atomic)
    }

    /// Runs another command with the daemon's environment.
    func command(
        _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> AgentProgram.Outcome {
        try await AgentProgram.run(
            arguments, environment: self.environment.merging(environment) { $1 }, input: input, in: self.directory
        )
    }

    /// Runs a command that must succeed, and returns what it printed.
    @discardableResult
    func successfully(_ arguments: String...) async throws -> String {
        let outcome = try await self.command(arguments)
        try #require(outcome.code == 0, "\(outcome)")
        return outcome.output
    }

    /// Starts a command that runs beside the daemon.
    func startCommand(_ arguments: [String]) async throws -> ChildProcess {
        try await AgentProgram.start(
            arguments, environment: self.environment,
            output: self.directory.url.appending(path: "\(arguments.first ?? "").log")
        )
    }

    /// `sqlite3` on the station's file.
    var store: SQLiteShell {
        SQLiteShell(database: self.directory.path("data/station.sqlite"), directory: self.directory)
    }

    /// A client of the broker that hears what the station says to devices.
    func client(
        user: String? = nil, password: Secret? = nil, hearing filters: [String] = BrokerClient.stationsWords
    ) async throws -> BrokerClient {
        let number = self.clientCount.add(1, ordering: .relaxed).newValue
        return try await BrokerClient.connect(
            on: self.loop, to: self.broker.port, id: "client-\(number)", user: user, password: password,
            hearing: filters
        )
    }

    /// A device that shows its token to a broker that lets nobody else in.
    func play(_ name: String, token: Secret) async throws -> PlayedDevice {
        let own = ["handshake/ack", "command"].map { "station/+/device/\(name)/\($0)" }
        let client = try await BrokerClient.connect(
            on: self.loop, to: self.broker.port, id: name, user: name, password: token, hearing: own
        )
        return PlayedDevice(client: client, name: name)
    }

    /// A device as its firmware behaves, played by hand with a client of its own.
    func play(_ name: String, user: String? = nil, password: Secret? = nil) async throws -> PlayedDevice {
        PlayedDevice(client: try await self.client(user: user, password: password), name: name)
    }

    /// Whether the broker lets somebody in who shows this.
    func isLetIn(_ name: String, _ password: Secret) async throws -> Bool {
        do throws(MQTTError) {
            let connection = try await MQTTConnection.open(
                on: self.loop, to: MQTTEndpoint(host: "127.0.0.1", port: UInt16(self.broker.port)),
                options: MQTTConnectionOptions(clientID: name, username: name, password: password)
            ) { _ in }
            await connection.close()
            return true
        } catch {
            return false
        }
    }
}
