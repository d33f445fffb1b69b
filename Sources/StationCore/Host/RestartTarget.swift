/// What can be restarted by the API (contract 2, `/api/system/restart`).
public enum RestartTarget: String, Sendable, Hashable, CaseIterable {
    /// This program: it ends, and the service manager starts it afresh.
    case agent
    /// The machine.
    case host
}
