import StationCore
import StationTestSupport

/// Somebody who watches the provisioning and keeps what is told.
final class WatchRecorder: Sendable {
    struct Result: Sendable, Hashable {
        let deviceID: DeviceID?
        let failure: ProvisioningFailure?
    }

    private let told = Locked<[ProvisioningEvent]>([])
    private let task: Task<Void, Never>

    init(_ watch: ProvisioningWatch) {
        let told = self.told
        self.task = Task { await Self.record(watch, told) }
    }

    private static func record(_ watch: ProvisioningWatch, _ told: Locked<[ProvisioningEvent]>) async {
        for await event in watch { told.withLock { $0.append(event) } }
    }

    deinit {
        self.task.cancel()
    }

    /// Watches no more.
    func leave() {
        self.task.cancel()
    }

    var events: [ProvisioningEvent] { self.told.value }

    /// The ids of those in sight.
    var candidates: Set<String> {
        self.events.reduce(into: []) { seen, event in
            switch event {
            case .candidate(let candidate): seen.insert(candidate.externalID.description)
            case .candidateLost(let id): seen.remove(id.description)
            default: break
            }
        }
    }

    var adapters: [ProvisioningAdapter] {
        self.events.compactMap { if case .adapter(let state) = $0 { state } else { nil } }
    }

    func lossCount(_ id: String) -> Int {
        self.events.count { if case .candidateLost(let lost) = $0 { lost.description == id } else { false } }
    }

    func steps(_ id: String) -> [ProvisioningStep] {
        self.events.compactMap { event in
            if case .progress(let one, let step) = event, one.description == id { step } else { nil }
        }
    }

    func result(_ id: String) -> Result? {
        for case .result(let one, let deviceID, let failure) in self.events where one.description == id {
            return Result(deviceID: deviceID, failure: failure)
        }
        return nil
    }
}
