public import StationCore

/// A login that the broker should let in, as the store has it; on the broker user name and client id are the same.
public struct BrokerLogin: Sendable, Equatable {
    /// Whose it is, and so what it may do.
    public enum Owner: Sendable, Hashable {
        case device(DeviceID, ExternalID)
        case credential(CredentialOwner)
    }

    public let username: String
    public let owner: Owner
    /// `nil` for the device of a store that was written before there were any: nobody can log in until its token is
    /// renewed, or shown to the API.
    public let verifier: PasswordVerifier?
    /// Known until a broker has been told.
    public let password: Secret?

    public init(username: String, owner: Owner, verifier: PasswordVerifier?, password: Secret?) {
        self.username = username
        self.owner = owner
        self.verifier = verifier
        self.password = password
    }

    /// How the other name begins that every device has at the broker; its id follows.
    public static let aliasPrefix = "device:"

    static func alias(of id: DeviceID) -> String { "\(self.aliasPrefix)\(id)" }
}
