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

    /// New ones; nil never happens, since a UUID is a station id.
    static func make() -> StationSecrets? {
        StationID(UUID().uuidString.lowercased()).map { id in
            StationSecrets(stationID: id, agentToken: OpaqueToken.make(), jwtSecret: OpaqueToken.make())
        }
    }

    /// What holds: the configuration goes before the file.
    func overridden(by configuration: AgentConfiguration) -> StationSecrets {
        StationSecrets(
            stationID: configuration.station.id ?? self.stationID,
            agentToken: configuration.agent.token ?? self.agentToken,
            jwtSecret: configuration.jwt.secret ?? self.jwtSecret, brokerPassword: self.brokerPassword)
    }
}
