import StationCore
import StationTestSupport
import Testing

/// A provisioning that finds what the test says, and does what it says.
final class ScriptedProvisioning: DeviceProvisioning {
    private struct State {
        var adapter = ProvisioningAdapter.ready
        var candidates: [ProvisioningCandidate] = []
        var watchers: [Int: ProvisioningWatch.Continuation] = [:]
        var watchesSoFar = 0
        var fewestAfterFirst = Int.max
        var requests: [ProvisioningRequest] = []
        var identified: [ExternalID] = []
        var refusal: ProvisioningRefusal?
    }

    private let state = Locked(State())

    init(_ candidates: [ProvisioningCandidate] = []) {
        self.state.withLock { $0.candidates = candidates }
    }

    // MARK: For the test

    var watcherCount: Int { self.state.value.watchers.count }
    /// How many have begun to watch so far.
    var watchesSoFar: Int { self.state.value.watchesSoFar }
    /// The fewest who watched at any time since the first one began.
    var fewestAfterFirst: Int { self.state.value.fewestAfterFirst }
    var requests: [ProvisioningRequest] { self.state.value.requests }
    var identified: [ExternalID] { self.state.value.identified }

    func refuse(_ refusal: ProvisioningRefusal?) {
        self.state.withLock { $0.refusal = refusal }
    }

    func turn(_ adapter: ProvisioningAdapter) {
        self.state.withLock { $0.adapter = adapter }
        self.tell(.adapter(adapter))
    }

    func find(_ candidate: ProvisioningCandidate) {
        self.state.withLock { $0.candidates.append(candidate) }
        self.tell(.candidate(candidate))
    }

    func tell(_ event: ProvisioningEvent) {
        for watcher in self.state.value.watchers.values { watcher.yield(event) }
    }

    /// A lamp out of the box.
    static func lamp(_ name: String = "lamp-1") throws -> ProvisioningCandidate {
        ProvisioningCandidate(
            externalID: try #require(ExternalID(name)), address: "AA:BB:CC:DD:EE:FF", name: "SH_\(name)",
            deviceType: "light", defaultName: "Light \(name)", rssi: -60, dialect: .smartHome
        )
    }

    // MARK: DeviceProvisioning

    var adapter: ProvisioningAdapter { self.state.value.adapter }
    var candidates: [ProvisioningCandidate] { self.state.value.candidates }

    func watch() -> ProvisioningWatch {
        let (stream, continuation) = ProvisioningWatch.makeStream()
        let number = self.state.withLock { state in
            state.watchesSoFar += 1
            state.watchers[state.watchesSoFar] = continuation
            return state.watchesSoFar
        }
        continuation.onTermination = { [state] _ in
            state.withLock { state in
                state.watchers[number] = nil
                state.fewestAfterFirst = min(state.fewestAfterFirst, state.watchers.count)
            }
        }
        continuation.yield(.adapter(self.adapter))
        for candidate in self.candidates { continuation.yield(.candidate(candidate)) }
        return stream
    }

    func add(
        _ request: ProvisioningRequest
    ) async throws(ProvisioningRefusal) -> (deviceID: DeviceID, externalID: ExternalID) {
        if let refusal = self.state.value.refusal { throw refusal }
        let isTwice = self.state.withLock { state in
            defer { state.requests.append(request) }
            return state.requests.contains { $0.externalID == request.externalID }
        }
        if isTwice { throw .underWay(request.externalID) }
        return (.make(at: ManualClock.usualWallTime), request.externalID)
    }

    func identify(_ externalID: ExternalID) async throws(ProvisioningRefusal) {
        let refusal = self.state.withLock { state in
            state.identified.append(externalID)
            return state.refusal
        }
        if let refusal { throw refusal }
    }
}
