import FoundationEssentials
import StationCore
import StationData

/// What a station must never lose and nobody else may know, besides its name: made at the first start.
struct StationSecrets: Sendable, Equatable {
    var stationID: StationID
    /// For programs on this machine.
    var agentToken: Secret
    /// Signs the access tokens of people.
    var jwtSecret: Secret
    /// With it the agent logs in at a broker that `broker init` has set up; nil where that was never done.
    var brokerPassword: Secret?
    /// The file's own key for tokens, where the configuration goes before it.
    private var fileKey: Secret?

    init(stationID: StationID, agentToken: Secret, jwtSecret: Secret, brokerPassword: Secret? = nil) {
        self.stationID = stationID
        self.agentToken = agentToken
        self.jwtSecret = jwtSecret
        self.brokerPassword = brokerPassword
    }

    /// Closes the secrets in the store. Never the configured one: the command line may not know it, and whoever changes
    /// it wants to end sessions, not to lose the cloud.
    var storeKey: Secret { self.fileKey ?? self.jwtSecret }

    /// New ones; nil never happens, since a UUID is a station id.
    static func make() -> StationSecrets? {
        StationID(UUID().uuidString.lowercased()).map { id in
            StationSecrets(stationID: id, agentToken: OpaqueToken.make(), jwtSecret: OpaqueToken.make())
        }
    }

    /// What holds: the configuration goes before the file.
    func overridden(by configuration: AgentConfiguration) -> StationSecrets {
        var secrets = StationSecrets(
            stationID: configuration.station.id ?? self.stationID,
            agentToken: configuration.agent.token ?? self.agentToken,
            jwtSecret: configuration.jwt.secret ?? self.jwtSecret, brokerPassword: self.brokerPassword
        )
        secrets.fileKey = configuration.jwt.secret == nil ? self.fileKey : self.storeKey
        return secrets
    }
}
