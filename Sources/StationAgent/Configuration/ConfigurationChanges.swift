/// The settings in which two readings of the configuration differ.
struct ConfigurationChanges: Sendable, Hashable {
    /// Taken over at once.
    var live: [ConfigurationRow] = []
    /// Without effect until the agent is started again.
    var atRestart: [ConfigurationRow] = []

    var isEmpty: Bool { self.live.isEmpty && self.atRestart.isEmpty }
}
