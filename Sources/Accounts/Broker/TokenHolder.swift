public import StationCore
public import StationData

/// For whom a login can be minted who shows a token, and how long (contract 6, "Subjects").
public struct TokenHolder: Sendable, Hashable {
    public let owner: CredentialOwner
    /// The login must not outlive it.
    public let end: Timestamp
}
