/// Why a broker that asks must not let a client in (contract 6, "HTTP fronts").
public enum BrokerRefusal: String, Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing is shown, and nothing was before.
    case missingToken = "missing token"
    /// What is shown is not good, or no longer.
    case invalidCredentials = "invalid credentials"
    /// The password is right, the client id is another's.
    case wrongClientID = "the client id must be the user name"
    /// A token is shown under the name of a device, of a minted login or of the agent.
    case foreignName = "this user name needs its own password, not a token"
    /// The store could not be asked.
    case tryAgain = "try again"

    public var description: String { self.rawValue }
}
