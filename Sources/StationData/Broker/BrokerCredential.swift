public import StationCore

/// A minted login at the broker (contract 6, "Subjects"), without its password.
public struct BrokerCredential: Sendable, Hashable {
    /// At the broker the client id must be the same.
    public let username: String
    public let owner: CredentialOwner
    public let verifier: PasswordVerifier
    public let createdAt: Timestamp
    /// From then on it is refused, and who is connected with it is not any more.
    public let expiresAt: Timestamp
}
