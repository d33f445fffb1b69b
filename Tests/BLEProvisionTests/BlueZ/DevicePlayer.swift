import StationCore
import StationTestSupport
import Testing

@testable import BLEProvision

/// Has an emulated device answer for one of the played BlueZ's: what it is asked, and what it tells, go over the bus.
final class DevicePlayer: Sendable {
    private let device: any GATTLink
    private let address: String
    private let bluez: FakeBlueZProcess

    private init(_ device: any GATTLink, _ address: String, _ bluez: FakeBlueZProcess) {
        self.device = device
        self.address = address
        self.bluez = bluez
    }

    /// The settings of a device that is played so.
    ///
    /// - Parameter advertised: What it has in the air, and how BlueZ is to misbehave with it.
    static func settings(of device: any GATTLink, _ advertised: JSONObject) async throws -> JSONValue {
        let offered = await device.characteristics()
        var characteristics: [JSONValue] = []
        for one in offered {
            let description = try await device.userDescription(of: one.uuid).map { String(decoding: $0, as: UTF8.self) }
            let flags = one.flags.map(\.rawValue).sorted().map { JSONValue.string($0) }
            characteristics.append(
                [
                    "uuid": .string(one.uuid.description), "flags": .array(flags),
                    "description": JSONValue(description),
                ]
            )
        }
        let service = try #require(offered.first?.service.description)
        var settings = advertised
        settings["relay"] = true
        settings["services"] = [["uuid": .string(service), "characteristics": .array(characteristics)]]
        return .object(settings)
    }

    /// Plays the device while `body` runs.
    static func run(
        _ device: any GATTLink, at address: String = ProvisionerFixture.lamp, on bluez: FakeBlueZProcess,
        _ body: () async throws -> Void
    ) async throws {
        let player = DevicePlayer(device, address, bluez)
        let tasks = try await player.start()
        defer { for task in tasks { task.cancel() } }
        try await body()
    }

    private func start() async throws -> [Task<Void, Never>] {
        let requests = try await self.bluez.requests()
        var tasks = [Task { await self.answer(requests) }]
        for one in await self.device.characteristics() where one.flags.contains(.notify) {
            let values = try await self.device.notifications(of: one.uuid)
            // The first one's end is the link's.
            let isFirst = tasks.count == 1
            tasks.append(Task { await self.tell(values, of: one.uuid, endsLink: isFirst) })
        }
        return tasks
    }

    private func answer(_ requests: AsyncStream<FakeGATTRequest>) async {
        for await request in requests where request.address == self.address {
            do {
                try await self.answer(request, with: await self.outcome(of: request))
            } catch {
                if !Task.isCancelled { Issue.record("the device could not answer: \(error)") }
            }
        }
    }

    private func outcome(of request: FakeGATTRequest) async -> Result<[UInt8], GATTError> {
        do throws(GATTError) {
            guard let uuid = GATTUUID(request.uuid) else { throw GATTError(.notFound) }
            guard let value = request.value else { return .success(try await self.device.read(uuid)) }
            try await self.device.write(uuid, value, withResponse: true)
            return .success([])
        } catch {
            return .failure(error)
        }
    }

    private func answer(_ request: FakeGATTRequest, with outcome: Result<[UInt8], GATTError>) async throws {
        switch outcome {
        case .success(let value): try await self.bluez.answer(request, value)
        case .failure(let error) where error.kind == .disconnected: try await self.hangUp()
        case .failure(let error):
            let code = error.kind == .unlikely ? "0e" : "80"
            try await self.bluez.refuse(request, "Failed", "Operation failed with ATT error: 0x\(code)")
        }
    }

    private func hangUp() async throws {
        try await self.bluez.tell(["do": "drop", "address": .string(self.address)])
    }

    private func tell(_ first: AsyncStream<[UInt8]>, of uuid: GATTUUID, endsLink: Bool) async {
        var values = first
        do {
            while true {
                for await value in values {
                    try await self.bluez.notify(uuid.description, value, of: self.address)
                }
                guard !Task.isCancelled else { return }
                values = try await self.device.notifications(of: uuid)
                if endsLink { try await self.hangUp() }
            }
        } catch {
            if !Task.isCancelled { Issue.record("the device could not tell: \(error)") }
        }
    }
}
