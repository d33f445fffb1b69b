public import Foundation
import Glibc
import Synchronization

/// A real `dbus-daemon` on a socket of its own, in the place of the system's bus; gone with the test.
///
///     try await PrivateBus.run { bus in
///         … try await BusConnection.open(.address(bus.address), on: loop) … try await bus.restart() …
///     }
public final class PrivateBus: Sendable {
    private let directory: TemporaryDirectory
    private let child = Mutex<ChildProcess?>(nil)

    private init(directory: TemporaryDirectory) {
        self.directory = directory
    }

    /// Starts a bus, runs `body` and stops the bus, whatever happens.
    ///
    /// - Parameter limits: Limits of the bus by their name in its configuration, such as `max_match_rules_per_connection`.
    public static func run<Result>(
        limits: [String: Int] = [:], isolation: isolated (any Actor)? = #isolation,
        _ body: (PrivateBus) async throws -> Result
    ) async throws -> Result {
        try await TemporaryDirectory.run { directory in
            let bus = PrivateBus(directory: directory)
            try bus.configure(limits)
            do {
                try await bus.start()
                let result = try await body(bus)
                await bus.stop()
                return result
            } catch {
                await bus.stop()
                throw error
            }
        }
    }

    /// What a client connects to; the same through all restarts.
    public var address: String { "unix:path=\(self.directory.path("bus"))" }

    /// For what runs beside the bus; removed at the end.
    public var folder: URL { self.directory.url }

    /// What a program gets that is to take this for the bus of the system and of the session.
    public var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["DBUS_SYSTEM_BUS_ADDRESS"] = self.address
        environment["DBUS_SESSION_BUS_ADDRESS"] = self.address
        return environment
    }

    /// What the bus wrote so far.
    public var log: String { self.child.withLock { $0 }?.output ?? "" }

    public var isRunning: Bool { self.child.withLock { $0 }?.isRunning ?? false }

    /// Starts the bus again after `stop()` or `kill()` and waits until it accepts connections.
    public func start() async throws {
        // Only a bus that ends in good order removes its socket.
        unlink(self.directory.path("bus"))
        let child = try await ChildProcess(
            "/usr/bin/dbus-daemon",
            ["--config-file=\(self.directory.path("bus.conf"))", "--nofork", "--nopidfile"],
            output: self.directory.url.appending(path: "bus.log"))
        self.child.withLock { $0 = child }
        try await eventually("the bus listens") {
            if let code = child.exitCode {
                throw ChildProcess.LaunchFailure(description: "dbus-daemon ended with \(code): \(child.output)")
            }
            return self.accepts()
        }
    }

    /// Stops the bus (SIGTERM) and waits for its end.
    public func stop() async {
        self.resume()
        await self.child.withLock { $0 }?.stop()
    }

    /// Kills the bus (SIGKILL) and waits for its end.
    public func kill() async {
        await self.child.withLock { $0 }?.kill9()
    }

    /// Stops the bus and starts it at the same address.
    public func restart() async throws {
        await self.stop()
        try await self.start()
    }

    /// Freezes the bus: its sockets stay open and silent until `resume()`.
    public func pause() {
        self.child.withLock { $0 }?.signal(SIGSTOP)
    }

    public func resume() {
        self.child.withLock { $0 }?.signal(SIGCONT)
    }

    private func accepts() -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(self.directory.path("bus").utf8.prefix(107))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
        }
    }

    private func configure(_ limits: [String: Int]) throws {
        // Those of a system bus would stop the tests with many calls: 128 calls that wait for a reply.
        let all = ["max_replies_per_connection": 50_000].merging(limits) { _, given in given }
        let lines = all.map { "<limit name=\"\($0.key)\">\($0.value)</limit>" }.sorted().joined(separator: "\n  ")
        let text = """
            <busconfig>
              <type>private</type>
              <listen>\(self.address)</listen>
              <auth>EXTERNAL</auth>
              <policy context="default">
                <allow send_destination="*" eavesdrop="true"/>
                <allow eavesdrop="true"/>
                <allow own="*"/>
              </policy>
              \(lines)
            </busconfig>
            """
        try Data(text.utf8).write(to: self.directory.url.appending(path: "bus.conf"))
    }
}
