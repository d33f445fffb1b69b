import Foundation
public import StationCore
import SystemBus

/// `org.bluez` played by a program (fake_bluez.py: python3-dbus, python3-gi) on a private bus: adapters, devices and GATT,
/// told to misbehave in every way in which BlueZ was seen to. It owns `org.freedesktop.systemd1`, too.
///
///     try await PrivateBus.run { bus in
///         try await FakeBlueZProcess.run(on: bus, devices: [["name": "SH_lamp", "write": ["lost"]]]) { bluez in
///             … try await bluez.tell(["do": "adapter", "powered": false]) … try await bluez.calls() …
public final class FakeBlueZProcess: Sendable {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake_bluez.py")
    static let name = "org.station.FakeBlueZ"

    private let child: ChildProcess
    let connection: BusConnection

    private init(child: ChildProcess, connection: BusConnection) {
        self.child = child
        self.connection = connection
    }

    /// Starts the program, runs `body` and ends the program, whatever happens.
    ///
    /// - Parameters:
    ///   - devices: Settings of each, see `USUAL` of the program.
    ///   - settings: `running` (bluetoothd at the start), `deaf` (`discovery`, `power`, `daemon`), `interval` of
    ///     advertisements in milliseconds, `blocked` (by rfkill) and `rfkill`, the file that stands for the kernel's.
    public static func run<Result>(
        on bus: PrivateBus, devices: [JSONValue] = [[:]], settings: JSONObject = [:],
        isolation: isolated (any Actor)? = #isolation, _ body: (FakeBlueZProcess) async throws -> Result
    ) async throws -> Result {
        var settings = settings
        settings["address"] = .string(bus.address)
        settings["devices"] = .array(devices)
        // No __pycache__ in the sources.
        let arguments = ["-B", Self.script.path, JSONValue.object(settings).description]
        return try await bus.run(arguments) { child, connection in
            try await Self.waitUntilReady(child)
            return try await body(FakeBlueZProcess(child: child, connection: connection))
        }
    }

    private static func waitUntilReady(_ child: ChildProcess) async throws {
        try await eventually("the fake BlueZ is on the bus") {
            if let code = child.exitCode {
                throw ChildProcess.LaunchFailure(
                    description: "fake_bluez.py (python3-dbus, python3-gi) ended with \(code): \(child.output)")
            }
            return child.output.contains("ready")
        }
    }

    /// Tells the program what to do (`Fake.do`), and gives the state afterwards.
    @discardableResult
    public func tell(_ order: JSONValue) async throws -> JSONValue {
        let answer = try await self.connection.call(
            BusCall(
                Self.name, path: "/fake", interface: Self.name, member: "Do", arguments: [.string(order.description)])
        )
        return try JSONValue.parse(answer.first?.string ?? "")
    }

    /// What was called, in order: `start`, `stop`, `filter …`, `connect-HOW ADDRESS`, `disconnect ADDRESS`,
    /// `remove ADDRESS`, `write-HOW TYPE`, `notify-HOW`, `powered …`, `restart-unit …`.
    public func calls() async throws -> [String] {
        (try await self.tell(["do": "state"])["calls"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// How many calls begin so.
    public func count(_ prefix: String) async throws -> Int {
        try await self.calls().count { $0.hasPrefix(prefix) }
    }

    /// How many programs have discovery on.
    public func discoverers() async throws -> Int {
        Int(try await self.tell(["do": "state"])["discovering"]?.doubleValue ?? 0)
    }

    /// The state of a device: `connected`, `stored` (what was written, as hexadecimal digits), `known`, `advertises`.
    public func device(_ address: String = "24:0A:C4:00:00:01") async throws -> JSONValue {
        let devices = try await self.tell(["do": "state"])["devices"]?.arrayValue ?? []
        return devices.first { $0["address"]?.stringValue == address } ?? .null
    }

    /// What a device has stored, as text.
    public func stored(by address: String = "24:0A:C4:00:00:01") async throws -> [String] {
        let values = (try await self.device(address)["stored"]?.arrayValue ?? []).compactMap(\.stringValue)
        return values.map { String(decoding: Self.bytes(ofHex: $0), as: UTF8.self) }
    }
}
