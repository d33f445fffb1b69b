import StationCore
import SystemBus

/// Devices that the test plays itself.
extension FakeBlueZProcess {
    /// What is asked from now on of devices with `relay`, until the reader leaves. Each wants `answer` or `refuse`; or
    /// `{"do": "drop"}`, which ends the link and what was asked over it.
    public func requests() async throws -> AsyncStream<FakeGATTRequest> {
        let signals = try await self.connection.signals(matching: BusMatch(interface: Self.name, member: "Asked"))
        let (requests, inlet) = AsyncStream.makeStream(of: FakeGATTRequest.self)
        let task = Task { await Self.forward(signals, to: inlet) }
        inlet.onTermination = { _ in task.cancel() }
        return requests
    }

    private static func forward(
        _ signals: AsyncStream<BusSignal>, to inlet: AsyncStream<FakeGATTRequest>.Continuation
    ) async {
        for await signal in signals {
            if let request = FakeGATTRequest(signal) { inlet.yield(request) }
        }
        inlet.finish()
    }

    /// Answers a write, or a read with its value. When the link went meanwhile, nobody hears it.
    public func answer(_ request: FakeGATTRequest, _ value: [UInt8] = []) async throws {
        try await self.tell(
            [
                "do": "answer", "address": .string(request.address), "number": .integer(Int64(request.number)),
                "value": .string(Self.hex(of: value)),
            ]
        )
    }

    /// Refuses it as BlueZ does, for instance with `Failed` and `Operation failed with ATT error: 0x80`.
    public func refuse(_ request: FakeGATTRequest, _ name: String, _ text: String) async throws {
        try await self.tell(
            [
                "do": "answer", "address": .string(request.address), "number": .integer(Int64(request.number)),
                "error": [.string(name), .string(text)],
            ]
        )
    }

    /// Has a characteristic tell a value, if anybody asked to be told.
    public func notify(_ uuid: String, _ value: [UInt8], of address: String = "24:0A:C4:00:00:01") async throws {
        try await self.tell(
            [
                "do": "notify", "address": .string(address), "uuid": .string(uuid),
                "value": .string(Self.hex(of: value)),
            ]
        )
    }

    /// Of which characteristics of a device somebody wants to be told.
    public func notifying(of address: String = "24:0A:C4:00:00:01") async throws -> [String] {
        (try await self.device(address)["notifying"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    static func bytes(ofHex digits: String) -> [UInt8] {
        let values = digits.compactMap(\.hexDigitValue)
        return stride(from: 0, to: values.count - 1, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }

    private static func hex(of bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
