import StationTestSupport

@testable import BLEProvision

/// An ESP32 with ESPHome's Improv: joins writes, notifies what changes, and stops once it is provisioned.
final class ImprovDevice: GATTLink {
    struct State: Sendable {
        var state: UInt8
        var error: UInt8 = 0
        var result: [UInt8] = []
        var capabilities: UInt8 = 0b11
        var incoming: [UInt8] = []
        var settings: [[UInt8]]?
        var identified = 0
        var writes: [Int] = []
        /// How often its state was asked for.
        var looks = 0
        var failure: GATTError?
    }

    /// What a notification can hold at MTU 23.
    private static let notificationLength = 20

    let state: Locked<State>
    private let hub = NotificationHub()

    init(state: UInt8 = 2) {
        self.state = Locked(State(state: state))
    }

    // MARK: - What happens to it

    func press() { self.enter(2) }

    func join(telling urls: [String]) {
        self.enter(4)
        self.answer(ImprovFrame(.sendWiFiSettings, urls.map { Array($0.utf8) }))
    }

    func failToJoin() {
        self.raise(3)
        self.enter(2)
    }

    func drop() { self.hub.close() }

    func enter(_ state: UInt8) {
        let isNew = self.state.withLock { current in
            defer { current.state = state }
            return current.state != state
        }
        if isNew { self.hub.send([state], of: ImprovUUID.state) }
    }

    func raise(_ error: UInt8) {
        let isNew = self.state.withLock { current in
            defer { current.error = error }
            return current.error != error
        }
        if isNew { self.hub.send([error], of: ImprovUUID.error) }
    }

    private func answer(_ frame: ImprovFrame) {
        self.state.withLock { $0.result = frame.bytes }
        self.hub.send(Array(frame.bytes.prefix(Self.notificationLength)), of: ImprovUUID.result)
    }

    private func obey(_ frame: ImprovFrame) {
        self.raise(0)
        switch frame.command {
        case 1 where self.state.value.state == 2:
            self.state.withLock { $0.settings = frame.strings }
            self.enter(3)
        case 1: self.raise(4)
        case 2: self.state.withLock { $0.identified += 1 }
        case 3:
            self.answer(
                ImprovFrame(.deviceInformation, ["ESPHome", "2026.1.0", "ESP32-C3", "kitchen"].map { Array($0.utf8) }))
        default: self.raise(2)
        }
    }

    // MARK: - Link

    func characteristics() async -> [GATTCharacteristic] {
        [ImprovUUID.state, ImprovUUID.error, ImprovUUID.command, ImprovUUID.result, ImprovUUID.capabilities].map {
            GATTCharacteristic(service: ImprovUUID.service, uuid: $0, flags: [.read, .write, .notify])
        }
    }

    func read(_ uuid: GATTUUID) async throws(GATTError) -> [UInt8] {
        let state = self.state.withLock { state in
            if uuid == ImprovUUID.state { state.looks += 1 }
            return state
        }
        return switch uuid {
        case ImprovUUID.state: [state.state]
        case ImprovUUID.error: [state.error]
        case ImprovUUID.result: state.result
        case ImprovUUID.capabilities: [state.capabilities]
        default: throw GATTError(.notFound)
        }
    }

    func write(_ uuid: GATTUUID, _ value: [UInt8], withResponse: Bool) async throws(GATTError) {
        guard uuid == ImprovUUID.command, withResponse else { throw GATTError(.notPermitted) }
        let frame = self.state.withLock { state -> ImprovFrame? in
            state.writes.append(value.count)
            state.incoming += value
            guard let frame = try? ImprovFrame(reading: state.incoming) else { return nil }
            state.incoming = []
            return frame
        }
        if let frame { self.obey(frame) }
        if let failure = self.state.value.failure { throw failure }
    }

    func notifications(of uuid: GATTUUID) async throws(GATTError) -> AsyncStream<[UInt8]> { self.hub.stream(of: uuid) }

    func userDescription(of uuid: GATTUUID) async throws(GATTError) -> [UInt8]? { nil }
}
