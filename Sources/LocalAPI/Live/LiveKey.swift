import StationCore

/// What a message for a client of `/ws` is the newest word on: it takes the place of an older one that still waits.
enum LiveKey: Hashable, Sendable {
    case state(DeviceID)
    /// A new device in sight, or that it is not any more.
    case candidate(ExternalID)

    init?(_ event: ProvisioningEvent) {
        switch event {
        case .candidate(let candidate): self = .candidate(candidate.externalID)
        case .candidateLost(let id): self = .candidate(id)
        case .adapter, .progress, .result: return nil
        }
    }
}
