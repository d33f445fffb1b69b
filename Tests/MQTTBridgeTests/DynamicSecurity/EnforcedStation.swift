import Foundation
import Logging
import MQTTBridge
import MQTTTransport
import PollLoop
import StationCore
import StationData
import StationTestSupport
import Testing

/// A station with a broker of its own that lets in whom the agent says: set up as `broker init` does it.
///
///     try await EnforcedStation.run { station in
///         let token = try await station.addDevice("lamp")
///         let lamp = try await station.connect("lamp", token)
///     }
final class EnforcedStation: Sendable {
    static let agentPassword = Secret("the agent's own password")

    let broker: BrokerProcess
    let fixture: BridgeFixture
    let loop: LoopThread

    var hub: StationHub { self.fixture.hub }

    private init(broker: BrokerProcess, fixture: BridgeFixture, loop: LoopThread) {
        self.broker = broker
        self.fixture = fixture
        self.loop = loop
    }

    /// What went wrong, and what the broker and the bridge said meanwhile.
    struct Failure: Error, CustomStringConvertible {
        let cause: any Error
        let broker: String
        let condition: String

        var description: String { "\(self.cause)\n\(self.condition)\n\(self.broker)" }
    }

    // MARK: Life

    /// Where Debian has put the plugin.
    static func plugin() throws -> String {
        let lines = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib").map { "/usr/lib/\($0)" }
        let places = lines.map { "\($0)/mosquitto_dynamic_security.so" }
        return try #require(places.first { FileManager.default.fileExists(atPath: $0) })
    }

    /// Starts a broker with a file of logins, the given one or the agent's login alone.
    static func broker<Result>(
        _ file: DynamicSecurityFile? = nil, allowAnonymous: Bool = false, isolation: isolated (any Actor)? = #isolation,
        _ body: (BrokerProcess) async throws -> Result
    ) async throws -> Result {
        let seed = try file ?? DynamicSecurityFile(access: .init(), agent: PasswordVerifier(of: Self.agentPassword))
        let plugin = try Self.plugin()
        return try await BrokerProcess.run(
            allowAnonymous: allowAnonymous,
            configuration: { directory in
                let path = directory.appending(path: "dynsec.json")
                try Data(seed.bytes).write(to: path)
                return [
                    "plugin \(plugin)", "plugin_opt_config_file \(path.path)", "log_dest topic", "persistence true",
                    "persistence_location \(directory.path)/",
                ]
            }, body)
    }

    /// Starts all of it, runs `body` and stops it, whatever happens.
    static func run(
        _ file: DynamicSecurityFile? = nil, database: StationDatabase? = nil, allowAnonymous: Bool = false,
        isolation: isolated (any Actor)? = #isolation,
        access change: (inout BridgeConfiguration.Access) throws -> Void = { _ in },
        _ body: (EnforcedStation) async throws -> Void
    ) async throws {
        var setup = BridgeFixture.Setup()
        setup.database = database
        setup.username = DynamicSecurityFile.agentUsername
        setup.password = Self.agentPassword
        try change(&setup.access)
        try await Self.broker(file, allowAnonymous: allowAnonymous) { broker in
            try await Self.run(setup, broker, body)
        }
    }

    /// Starts a bridge to a broker that runs.
    static func run(
        _ setup: BridgeFixture.Setup, _ broker: BrokerProcess, isolation: isolated (any Actor)? = #isolation,
        _ body: (EnforcedStation) async throws -> Void
    ) async throws {
        let loop = try LoopThread(name: "enforced")
        defer { loop.stop() }
        try await BridgeFixture.run(setup, to: broker.port) { fixture in
            let station = EnforcedStation(broker: broker, fixture: fixture, loop: loop)
            do {
                try await station.waitUntilSettled()
                try await body(station)
            } catch {
                throw Failure(cause: error, broker: broker.log, condition: station.condition)
            }
        }
    }

    var securityFile: URL { self.broker.directory.appending(path: "dynsec.json") }

    /// What health says of the broker.
    var condition: String { self.fixture.health[.mqtt]?.detail ?? "" }

    func waitUntilSettled() async throws {
        try await eventually("the broker has what it should have") {
            self.condition.contains("confined to its own topics") || self.condition.contains("cannot log in")
        }
        await self.fixture.bridge.logins.settle()
    }

    // MARK: Devices and people

    /// Adds a device and returns its token, once the broker knows it.
    func addDevice(_ name: String, in place: PlaceID? = nil) async throws -> Secret {
        let (_, token) = try await self.hub.addDevice(
            NewDevice(name: name, type: nil, externalID: ExternalID(name), placeID: place)
        )
        await self.fixture.bridge.logins.settle()
        return token
    }

    func id(_ name: String) throws -> DeviceID {
        try #require(ExternalID(name).flatMap { self.hub.device(named: $0)?.id })
    }

    /// Logs in; the client id is the user name unless another is given.
    func connect(
        _ username: String?, _ password: Secret?, clientID: String? = nil, lastWill: MQTTMessage? = nil,
        cleanSession: Bool = true
    ) async throws -> EnforcedClient {
        try await EnforcedClient.connect(
            on: self.loop, to: self.broker.port, username, password, clientID: clientID, lastWill: lastWill,
            cleanSession: cleanSession
        )
    }

    /// Whether a login is taken.
    func canConnect(_ username: String?, _ password: Secret?, clientID: String? = nil) async throws -> Bool {
        do {
            let client = try await self.connect(username, password, clientID: clientID)
            await client.connection.close()
            return true
        } catch let error as MQTTError {
            guard case .rejected = error else { throw error }
            return false
        }
    }

    /// A client that may do everything: it sees what really passes the broker.
    func witness(_ filters: String...) async throws -> EnforcedClient {
        let client = try await self.connect(
            DynamicSecurityFile.agentUsername, Self.agentPassword, clientID: "witness"
        )
        try await client.connection.subscribe(filters)
        return client
    }
}
