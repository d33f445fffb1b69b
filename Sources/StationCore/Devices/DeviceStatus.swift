/// Whether a device can be reached.
public enum DeviceStatus: String, Sendable, Hashable, CaseIterable {
    case online
    case offline
    /// Being set up over Bluetooth; not heard on the broker yet.
    case provisioning
    /// Deleted or locked out: refused at the broker, told nothing (contract 1, rule 10).
    case revoked
}

/// Why a device has its status (contract 1, rule 6).
public enum StatusReason: String, Sendable, Hashable, CaseIterable {
    /// Its last will said so and nothing was heard afterwards.
    case lastWill = "last_will"
    /// Nothing at all was heard for `devices.offlineAfter`.
    case silent
    case neverSeen = "never_seen"
    case revoked
    /// Silent for as long, but the broker was away: nothing is known against the device.
    case brokerDown = "broker_down"
    /// The agent has just started and has not heard it yet.
    case agentStarted = "agent_started"
}
