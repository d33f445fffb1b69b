/// A service of the host that the agent asks over D-Bus.
public enum HostService: String, Sendable, Hashable, CaseIterable {
    case networkManager = "NetworkManager"
    case logind = "systemd-logind"
}
