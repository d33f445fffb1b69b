import Foundation
public import StationCore
import SystemBus

/// Services of the host played by a program (fake_*.py over fake_bus.py: python3-dbus, python3-gi) on a private bus, told to
/// misbehave in every way in which the real ones were seen to.
///
///     try await PrivateBus.run { bus in
///         try await FakeServiceProcess.run(.networkManager, on: bus, settings: ["up": "Casa"]) { manager in
///             … try await manager.tell(["radio": false]) … try await manager.calls("Save") …
public final class FakeServiceProcess: Sendable {
    public enum Program: String, Sendable {
        case networkManager = "fake_networkmanager.py"
        case avahi = "fake_avahi.py"
        case systemd = "fake_systemd.py"

        /// The service that is meant unless another one is named.
        var service: String {
            switch self {
            case .networkManager: "NetworkManager"
            case .avahi: "Avahi"
            case .systemd: "login1"
            }
        }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let interface = "org.station.Fake"

    private let program: Program
    private let connection: BusConnection

    private init(program: Program, connection: BusConnection) {
        self.program = program
        self.connection = connection
    }

    /// Starts the program, runs `body` and ends the program, whatever happens.
    ///
    /// - Parameter settings: See the program.
    public static func run<Result>(
        _ program: Program, on bus: PrivateBus, settings: JSONObject = [:],
        isolation: isolated (any Actor)? = #isolation, _ body: (FakeServiceProcess) async throws -> Result
    ) async throws -> Result {
        var settings = settings
        settings["address"] = .string(bus.address)
        let script = Self.folder.appending(path: program.rawValue).path
        // No __pycache__ in the sources.
        return try await bus.run(["-B", script, JSONValue.object(settings).description]) { child, connection in
            try await Self.waitUntilReady(child, program)
            return try await body(FakeServiceProcess(program: program, connection: connection))
        }
    }

    private static func waitUntilReady(_ child: ChildProcess, _ program: Program) async throws {
        try await eventually("\(program.rawValue) is on the bus") {
            if let code = child.exitCode {
                throw ChildProcess.LaunchFailure(
                    description: "\(program.rawValue) (python3-dbus, python3-gi) ended with \(code): \(child.output)")
            }
            return child.output.contains("ready")
        }
    }

    /// Tells a service of the program what to do, and gives its state afterwards.
    @discardableResult
    public func tell(_ order: JSONValue, service: String? = nil) async throws -> JSONValue {
        let answer = try await self.connection.call(
            BusCall(
                "\(Self.interface).\(service ?? self.program.service)", path: "/fake", interface: Self.interface,
                member: "Do", arguments: [.string(order.description)])
        )
        return try JSONValue.parse(answer.first?.string ?? "")
    }

    /// How things are with a service.
    public func state(of service: String? = nil) async throws -> JSONValue {
        try await self.tell([:], service: service)
    }

    /// The calls of a method, in order: `member`, `path`, `args`; bytes as hexadecimal digits.
    public func calls(_ member: String, service: String? = nil) async throws -> [JSONValue] {
        let calls = try await self.state(of: service)["calls"]?.arrayValue ?? []
        return calls.filter { $0["member"]?.stringValue == member }
    }
}
