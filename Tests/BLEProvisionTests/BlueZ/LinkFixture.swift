import PollLoop
import StationCore
import StationTestSupport
import SystemBus

@testable import BLEProvision

/// A connection to a device of the played BlueZ as a dialect gets it, and a clock that stands still.
struct LinkFixture: Sendable {
    static let service = GATTUUID(short: 0xFFF0)
    /// Two that tell values, and one that does not.
    static let first = GATTUUID(short: 0xFFF1)
    static let second = GATTUUID(short: 0xFFF2)
    static let silent = GATTUUID(short: 0xFFF3)
    private static let path = "/org/bluez/hci0/dev_24_0A_C4_00_00_01"

    let bluez: FakeBlueZProcess
    let clock: ManualClock
    let link: BlueZLink
    /// The session's own, beside the one over which BlueZ is followed.
    let bus: BusConnection

    private static func device(_ faults: JSONObject) -> JSONValue {
        let characteristics: [JSONValue] = [
            ["uuid": .string(Self.first.description), "flags": ["notify", "read", "write"]],
            ["uuid": .string(Self.second.description), "flags": ["notify"]],
            ["uuid": .string(Self.silent.description), "flags": ["read"]],
        ]
        var device: JSONObject = [
            "name": "SH_lamp", "known": true,
            "services": [
                ["uuid": .string(Self.service.description), "characteristics": .array(characteristics)]
            ],
        ]
        for member in faults.members { device[member.key] = member.value }
        return .object(device)
    }

    /// Connects, runs `body` and ends everything, whatever happens.
    static func run(faults: JSONObject = [:], _ body: (LinkFixture) async throws -> Void) async throws {
        try await PrivateBus.run { bus in
            try await FakeBlueZProcess.run(on: bus, devices: [Self.device(faults)]) { bluez in
                let loop = try LoopThread(name: "link")
                do {
                    try await Self.run(bus, bluez, loop, body)
                } catch {
                    loop.stop()
                    throw error
                }
                loop.stop()
            }
        }
    }

    private static func run(
        _ bus: PrivateBus, _ bluez: FakeBlueZProcess, _ loop: LoopThread,
        _ body: (LinkFixture) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let watching = try await BusConnection.open(.address(bus.address), on: loop)
        let own = try await BusConnection.open(.address(bus.address), on: loop)
        let objects = BlueZObjects(calls: BlueZCalls(bus: watching, clock: clock))
        let following = Task { _ = try? await objects.follow() }
        defer { following.cancel() }
        try await eventually("BlueZ is known") { objects.view.tree.hasDevice(Self.path) }
        let session = BlueZSession(
            objects: objects, calls: BlueZCalls(bus: own, clock: clock), device: Self.path)
        try await session.connect()
        try await session.resolve { $0.count >= 3 }
        let link = BlueZLink(objects: objects, calls: session.calls, device: Self.path)
        try await body(LinkFixture(bluez: bluez, clock: clock, link: link, bus: own))
        await own.close()
        await watching.close()
    }

    /// Has a characteristic tell a value of one byte.
    func tell(_ value: UInt8, of uuid: GATTUUID = LinkFixture.first) async throws {
        try await self.bluez.notify(uuid.description, [value])
    }

    /// What comes of beginning notifications; `nil` where they begin.
    func refusal(of uuid: GATTUUID = LinkFixture.first) async -> GATTError? {
        do throws(GATTError) {
            _ = try await self.link.notifications(of: uuid)
            return nil
        } catch {
            return error
        }
    }

    /// What comes of a write; `nil` where it is taken.
    func refusal(writing value: [UInt8]) async -> GATTError? {
        do throws(GATTError) {
            try await self.link.write(Self.first, value, withResponse: true)
            return nil
        } catch {
            return error
        }
    }

    /// So many values, or fewer when they end before.
    static func take(_ count: Int, of values: AsyncStream<[UInt8]>) async -> [[UInt8]] {
        var taken: [[UInt8]] = []
        for await value in values {
            taken.append(value)
            if taken.count == count { break }
        }
        return taken
    }
}
