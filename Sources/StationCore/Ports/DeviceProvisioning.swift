/// Finds factory-new devices and hands them their place in the household; Bluetooth LE is the way (contract 5).
public protocol DeviceProvisioning: Sendable {
    /// What can be done at this moment.
    var adapter: ProvisioningAdapter { get }

    /// The new devices that are in sight, `ProvisioningCandidate.maximumCount` at most. Without anybody who watches there
    /// are none.
    var candidates: [ProvisioningCandidate] { get }

    /// What happens from now on: first the adapter's state and the candidates that are in sight, then what is new. New
    /// devices are looked for while anybody watches. Whoever drops the stream, or is cancelled in reading it, watches no
    /// more.
    func watch() -> ProvisioningWatch

    /// Makes the device known to the station and begins to hand it its Wi-Fi and its place on the broker; what becomes of
    /// that is told to those who watch. Who asks for a second device while a first is under way waits for nothing: it is
    /// queued.
    ///
    /// - Throws: `ProvisioningRefusal`; then nothing has changed.
    func add(
        _ request: ProvisioningRequest
    ) async throws(ProvisioningRefusal) -> (deviceID: DeviceID, externalID: ExternalID)

    /// Lets a new device show itself, by a light or a sound, and returns when it has been told to.
    ///
    /// - Throws: `ProvisioningRefusal`.
    func identify(_ externalID: ExternalID) async throws(ProvisioningRefusal)
}

/// What somebody who watches is told.
public typealias ProvisioningWatch = AsyncStream<ProvisioningEvent>

/// Where there is nothing to provision with.
public struct NoProvisioning: DeviceProvisioning {
    public let adapter = ProvisioningAdapter.noBluetoothd
    public let candidates: [ProvisioningCandidate] = []

    public init() {}

    /// Says that there is no Bluetooth, and then nothing.
    public func watch() -> ProvisioningWatch {
        AsyncStream { continuation in
            continuation.yield(.adapter(self.adapter))
        }
    }

    public func add(
        _ request: ProvisioningRequest
    ) async throws(ProvisioningRefusal) -> (deviceID: DeviceID, externalID: ExternalID) {
        throw .unavailable(self.adapter)
    }

    public func identify(_ externalID: ExternalID) async throws(ProvisioningRefusal) {
        throw .unavailable(self.adapter)
    }
}
