public import StationCore

/// What somebody gets who has proved who they are.
public struct SignIn: Sendable {
    public let user: User
    public let sessionID: SessionID
    public let accessToken: Secret
    /// How long the access token is good.
    public let expiresIn: Duration
    /// `nil` where the session goes on with the one that it has.
    public let refreshToken: Secret?
}

/// Where a request comes from, as far as throttling is concerned.
public struct Origin: Sendable, Hashable {
    /// The peer's network address, or the network that is given to one household.
    public let address: String
    /// On the station itself nobody is locked out of an account by what others have tried.
    public let isLocal: Bool

    public init(address: String, isLocal: Bool) {
        self.address = address
        self.isLocal = isLocal
    }
}
