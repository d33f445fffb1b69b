import BLEProvision
import StationTestSupport

/// A device that takes writes, or fails them as it is told.
final class ScriptedDevice: GATTLink {
    private let offered: [GATTCharacteristic]
    private let failure: GATTError?
    private let taken = Locked<[(uuid: GATTUUID, value: [UInt8], withResponse: Bool)]>([])

    init(_ offered: [GATTCharacteristic], failingWith failure: GATTError? = nil) {
        self.offered = offered
        self.failure = failure
    }

    var writes: [(uuid: GATTUUID, value: [UInt8], withResponse: Bool)] { self.taken.value }

    func characteristics() async -> [GATTCharacteristic] { self.offered }

    func read(_ uuid: GATTUUID) async throws(GATTError) -> [UInt8] { throw GATTError(.notPermitted) }

    func write(_ uuid: GATTUUID, _ value: [UInt8], withResponse: Bool) async throws(GATTError) {
        self.taken.withLock { $0.append((uuid, value, withResponse)) }
        if let failure = self.failure { throw failure }
    }

    func notifications(of uuid: GATTUUID) async throws(GATTError) -> AsyncStream<[UInt8]> {
        throw GATTError(.notPermitted)
    }

    func userDescription(of uuid: GATTUUID) async throws(GATTError) -> [UInt8]? { nil }
}
