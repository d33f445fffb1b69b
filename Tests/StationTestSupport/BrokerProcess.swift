public import Foundation
import Glibc
import Synchronization

/// A real `mosquitto` on an own loopback port with an own temporary directory; stopped when the test drops it.
///
///     try await BrokerProcess.run { broker in
///         … broker.port … try await broker.restart() …
///     }
public final class BrokerProcess: Sendable {
    /// The port, the same through all restarts.
    public let port: Int
    /// For certificates and password files that `configuration` names; removed at the end.
    public var directory: URL { self.workplace.directory }
    private let workplace: Workplace
    /// What `mosquitto -c` gets.
    private let configurationFile: URL
    private let child = Mutex<ChildProcess?>(nil)

    /// `mqtt://127.0.0.1:<port>`
    public var url: String { "mqtt://127.0.0.1:\(self.port)" }

    private init(port: Int, workplace: Workplace, configurationFile: URL? = nil) {
        self.port = port
        self.workplace = workplace
        self.configurationFile = configurationFile ?? workplace.directory.appending(path: "mosquitto.conf")
    }

    /// Gone with the last broker that uses it.
    private final class Workplace: Sendable {
        let directory: URL

        init() throws {
            self.directory = FileManager.default.temporaryDirectory.appending(path: "broker-\(UUID().uuidString)")
            try FileManager.default.createDirectory(
                at: self.directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }

        deinit {
            // A directory that cannot be removed harms nobody.
            try? FileManager.default.removeItem(at: self.directory)
        }
    }

    /// Starts a broker, runs `body` and stops the broker, whatever happens.
    ///
    /// - Parameters:
    ///   - allowAnonymous: whether clients without user name get in.
    ///   - configuration: gives further lines of mosquitto.conf; they come after `listener`, so listener options such
    ///     as `cafile` apply to it. It gets the broker's directory, into which it may write the files it names.
    public static func run<Result>(
        allowAnonymous: Bool = true,
        configuration: @Sendable (_ directory: URL) throws -> [String] = { _ in [] },
        isolation: isolated (any Actor)? = #isolation,
        _ body: (BrokerProcess) async throws -> Result
    ) async throws -> Result {
        let broker = try await Self.launch(allowAnonymous: allowAnonymous, configuration: configuration)
        do {
            let result = try await body(broker)
            await broker.stop()
            return result
        } catch {
            await broker.stop()
            throw error
        }
    }

    /// Starts a broker by a configuration that is there already, which has it listen on `port`; runs `body` and stops it.
    public static func run<Result>(
        by configurationFile: URL, on port: Int, isolation: isolated (any Actor)? = #isolation,
        _ body: (BrokerProcess) async throws -> Result
    ) async throws -> Result {
        let broker = BrokerProcess(port: port, workplace: try Workplace(), configurationFile: configurationFile)
        do {
            try await broker.start()
            let result = try await body(broker)
            await broker.stop()
            return result
        } catch {
            await broker.stop()
            throw error
        }
    }

    /// Starts a broker that runs until `stop()` or until it is dropped; `run` is better where it will do.
    public static func launch(
        allowAnonymous: Bool = true,
        configuration: @Sendable (_ directory: URL) throws -> [String] = { _ in [] }
    ) async throws -> BrokerProcess {
        let workplace = try Workplace()
        let further = try configuration(workplace.directory)
        return try await LoopbackPort.tryUnused { port in
            let broker = BrokerProcess(port: port, workplace: workplace)
            let lines =
                [
                    "listener \(port) 127.0.0.1",
                    "allow_anonymous \(allowAnonymous)",
                    "user root",  // as root it would otherwise become `mosquitto`, which cannot read the directory
                    "persistence false",
                    "log_dest stdout",
                    "log_type error", "log_type warning", "log_type notice",
                ] + further
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: broker.configurationFile)
            try await broker.start()
            return broker
        }
    }

    /// The broker's own log so far.
    public var log: String { self.child.withLock { $0 }?.output ?? "" }

    public var processID: Int32? { self.child.withLock { $0 }?.processID }

    public var isRunning: Bool { self.child.withLock { $0 }?.isRunning ?? false }

    /// Starts the broker again after `stop()` or `kill()` and waits until it accepts connections.
    public func start() async throws {
        let child = try await ChildProcess(
            "/usr/sbin/mosquitto",
            ["-c", self.configurationFile.path],
            output: self.directory.appending(path: "mosquitto.log")
        )
        self.child.withLock { $0 = child }
        try await eventually("mosquitto accepts on port \(self.port)") {
            if let code = child.exitCode {
                throw ChildProcess.LaunchFailure(description: "mosquitto ended with \(code): \(child.output)")
            }
            return LoopbackPort.accepts(self.port) && child.isRunning
        }
    }

    /// Stops the broker as `systemctl stop` would (SIGTERM) and waits for its end.
    public func stop() async {
        await self.child.withLock { $0 }?.stop()
    }

    /// Kills the broker (SIGKILL) and waits for its end.
    public func kill() async {
        await self.child.withLock { $0 }?.kill9()
    }

    /// Freezes the broker: its sockets stay open and silent until `resume()`.
    public func pause() {
        self.child.withLock { $0 }?.signal(SIGSTOP)
    }

    public func resume() {
        self.child.withLock { $0 }?.signal(SIGCONT)
    }

    /// Stops the broker and starts it on the same port.
    public func restart() async throws {
        await self.stop()
        try await self.start()
    }
}
