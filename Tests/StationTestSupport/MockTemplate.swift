import Foundation
public import SystemBus

/// A service played by a template of python-dbusmock (Debian: python3-dbusmock) on a private bus: a second opinion beside
/// our own doubles.
public final class MockTemplate: Sendable {
    private let service: String
    private let connection: BusConnection

    private init(service: String, connection: BusConnection) {
        self.service = service
        self.connection = connection
    }

    /// Starts the template, runs `body` and ends it, whatever happens.
    ///
    /// - Parameters:
    ///   - name: Of the template, such as `logind`.
    ///   - service: The name on the bus that it takes.
    ///   - parameters: As the template takes them, in JSON.
    public static func run<Result>(
        _ name: String, service: String, on bus: PrivateBus, parameters: String = "{}",
        isolation: isolated (any Actor)? = #isolation, _ body: (MockTemplate) async throws -> Result
    ) async throws -> Result {
        let arguments = ["-m", "dbusmock", "--system", "--template", name, "--parameters", parameters]
        return try await bus.run(arguments, environment: bus.environment) { child, connection in
            let mock = MockTemplate(service: service, connection: connection)
            try await mock.waitUntilReady(child)
            return try await body(mock)
        }
    }

    private func waitUntilReady(_ child: ChildProcess) async throws {
        try await eventually("\(self.service) is on the bus") {
            if let code = child.exitCode {
                throw ChildProcess.LaunchFailure(description: "python3-dbusmock ended with \(code): \(child.output)")
            }
            return await self.isThere()
        }
    }

    private func isThere() async -> Bool {
        do throws(BusError) {
            try await self.call("/", "org.freedesktop.DBus.Peer", "Ping")
            return true
        } catch {
            return false
        }
    }

    /// Calls a method of the mock.
    @discardableResult
    public func call(
        _ path: String, _ interface: String, _ member: String, _ arguments: [BusValue] = []
    ) async throws(BusError) -> [BusValue] {
        let call = BusCall(
            self.service, path: path, interface: interface, member: member, arguments: arguments,
            startsService: false)
        return try await self.connection.call(call)
    }
}
