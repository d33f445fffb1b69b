/// The version of the agent, as `--version`, health and the handshake with a cloud show it.
enum AgentVersion {
    static let text = "0.1.0"
}
