/// A category of events that a cloud can ask for (contract 4, "JSON-RPC 2.0 peer": `station.setActiveChannels`).
public enum CloudChannel: String, Sendable, Hashable, CaseIterable {
    case state, status, event, command, device, alert, automation, provisioning

    /// What a cloud gets that has not asked for anything yet.
    public static let usual: Set<CloudChannel> = [.state, .status, .device, .alert]

    /// Whether what happened while nobody listened is told afterwards, in its order and at least once.
    public var isDurable: Bool {
        switch self {
        case .status, .device, .alert: true
        case .state, .event, .command, .automation, .provisioning: false
        }
    }
}
