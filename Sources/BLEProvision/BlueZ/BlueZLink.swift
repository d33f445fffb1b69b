import StationCore
import SystemBus

/// The connection to a device whose services are resolved, over BlueZ's GATT objects (doc/gatt-api.txt).
struct BlueZLink: GATTLink {
    /// BlueZ itself gives up an ATT request after 30 s.
    static let operationLimit: Duration = .seconds(35)
    /// A reply may come after the link is gone, and may never come.
    static let graceAfterLoss: Duration = .seconds(3)
    /// So soon is tried again what BlueZ has no time for (bleak does so).
    private static let busyPause: Duration = .milliseconds(10)
    private static let description = GATTUUID(short: 0x2901)

    let objects: BlueZObjects
    let calls: BlueZCalls
    let device: String

    func characteristics() async -> [GATTCharacteristic] {
        self.objects.view.tree.characteristics(of: self.device).map(\.characteristic)
    }

    func read(_ uuid: GATTUUID) async throws(GATTError) -> [UInt8] {
        let path = try self.path(of: uuid)
        return try await self.read(BlueZName.characteristic, path)
    }

    func write(_ uuid: GATTUUID, _ value: [UInt8], withResponse: Bool) async throws(GATTError) {
        guard value.count <= 512 else { throw GATTError(.invalidLength, detail: "\(value.count) bytes") }
        let path = try self.path(of: uuid)
        let options = BusValue.properties(["type": .string(withResponse ? "request" : "command")])
        try await self.operate("WriteValue", of: BlueZName.characteristic, at: path, [.bytes(value), options])
    }

    func notifications(of uuid: GATTUUID) async throws(GATTError) -> AsyncStream<[UInt8]> {
        let path = try self.path(of: uuid)
        // Before `StartNotify`: the first value may come with its reply.
        let values = self.objects.values(of: path)
        try await self.operate("StartNotify", of: BlueZName.characteristic, at: path, [])
        guard self.objects.view.tree.isConnected(self.device) else {
            throw GATTError(.disconnected, detail: "the link went while notifications were begun")
        }
        return values
    }

    func userDescription(of uuid: GATTUUID) async throws(GATTError) -> [UInt8]? {
        let path = try self.path(of: uuid)
        guard let descriptor = self.objects.view.tree.descriptor(Self.description, of: path) else { return nil }
        return try await self.read(BlueZName.descriptor, descriptor)
    }

    private func path(of uuid: GATTUUID) throws(GATTError) -> String {
        let view = self.objects.view
        guard !view.isLost, view.isServed else { throw GATTError(.unavailable, detail: "bluetoothd is gone") }
        guard view.tree.isConnected(self.device) else { throw GATTError(.disconnected, detail: "the link is gone") }
        let found = view.tree.characteristics(of: self.device).first { $0.characteristic.uuid == uuid }
        guard let found else { throw GATTError(.notFound, detail: "no characteristic \(uuid)") }
        return found.path
    }

    private func read(_ interface: String, _ path: String) async throws(GATTError) -> [UInt8] {
        let answer = try await self.operate("ReadValue", of: interface, at: path, [.properties([:])])
        guard let value = answer.first?.bytes else { throw GATTError(.failed, detail: "ReadValue gave no bytes") }
        return value
    }

    /// One operation. It is decided by its reply, even when the link goes before that comes; only when none comes then,
    /// it is lost.
    @discardableResult
    private func operate(
        _ member: String, of interface: String, at path: String, _ arguments: [BusValue]
    ) async throws(GATTError) -> [BusValue] {
        let outcome = await withTaskGroup(of: Result<[BusValue], BlueZError>?.self) { group in
            group.addTask { await self.reply(member, interface, path, arguments) }
            group.addTask { await self.loss(during: member) }
            var outcome: Result<[BusValue], BlueZError>?
            while outcome == nil, let next = await group.next() { outcome = next }
            group.cancelAll()
            return outcome ?? .failure(BlueZError(.cancelled, "\(member) was cancelled"))
        }
        do throws(BlueZError) {
            return try outcome.get()
        } catch {
            throw GATTError(error)
        }
    }

    private func reply(
        _ member: String, _ interface: String, _ path: String, _ arguments: [BusValue]
    ) async -> Result<[BusValue], BlueZError> {
        let end = self.calls.clock.now.advanced(by: Self.operationLimit)
        while true {
            do throws(BlueZError) {
                let rest = self.calls.clock.now.duration(to: end)
                return .success(try await self.calls.call(member, of: interface, at: path, arguments, within: rest))
            } catch {
                guard error.cause == .busy, self.calls.clock.now < end,
                    await self.calls.clock.pause(for: Self.busyPause)
                else { return .failure(error) }
            }
        }
    }

    /// Waits for the end of the link and then a little for the reply; `nil` when cancelled.
    private func loss(during member: String) async -> Result<[BusValue], BlueZError>? {
        let device = self.device
        let lost = try? await self.objects.wait(for: "the end of the link", within: Self.operationLimit * 2) { view in
            view.isServed && view.tree.isConnected(device) ? nil : true
        }
        if Task.isCancelled { return nil }
        // The bus that went has taken the reply with it.
        guard lost != nil else { return .failure(BlueZError(.busLost, "the bus went during \(member)")) }
        guard await self.calls.clock.pause(for: Self.graceAfterLoss) else { return nil }
        return .failure(BlueZError(.notConnected, "the link went and \(member) was not answered"))
    }
}
