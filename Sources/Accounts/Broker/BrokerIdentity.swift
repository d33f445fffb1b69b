import StationCore

/// Whom a client of a broker turned out to be. What it may do is looked up at every question (contract 6).
enum BrokerIdentity: Sendable, Hashable {
    /// The agent of this station.
    case agent
    case device(DeviceID)
    /// The holder of the minted login with this user name.
    case credential(String)
    /// Somebody with an account, by an access token of the station.
    case person(AccessClaims)
    /// The subject of an issuer's token.
    case subject(TokenSubject)
}
