public import StationCore

/// What a backup holds besides the store.
public struct BackupNote: Sendable, Equatable {
    public let madeAt: Timestamp
    /// The version of the agent that made it.
    public let agentVersion: String
    /// The text of the file with the station's secrets.
    public let secrets: Secret

    public init(madeAt: Timestamp, agentVersion: String, secrets: Secret) {
        self.madeAt = madeAt
        self.agentVersion = agentVersion
        self.secrets = secrets
    }
}
