import StationCore
import StationData

/// What has a user name of its own at the brokers, and a password (contract 6, "Subjects").
enum BrokerAccount: Sendable {
    /// The agent itself, with its password.
    case agent(Secret)
    case device(Device)
    case credential(BrokerCredential)
}
