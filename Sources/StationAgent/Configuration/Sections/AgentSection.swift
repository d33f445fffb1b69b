import StationCore

/// Programs on this machine.
struct AgentSection: Sendable, Equatable {
    /// Nil: the one in the secrets file, made at the first start. Empty: nobody gets in with it.
    let token: Secret?

    init(_ values: inout ConfigurationValues) {
        self.token = values.read(ConfigurationCatalogue.agentToken)
    }
}
