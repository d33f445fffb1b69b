public import StationCore

/// An account that shall be made.
public struct NewUser: Sendable {
    /// By what right it comes into being, and so with which role.
    public enum Admission: Sendable {
        /// The very first account becomes the owner.
        case firstOwner
        /// Whoever shows an invitation that is for this address gets the role that it names.
        case invitation(tokenHash: [UInt8])
        /// Registration is open: a plain member.
        case open
        /// The command line gives any role.
        case given(UserRole)
    }

    public let email: EmailAddress
    public let name: String
    /// bcrypt in crypt(3) form.
    public let passwordHash: String
    public let admission: Admission
    public let isEmailVerified: Bool

    public init(
        email: EmailAddress, name: String, passwordHash: String, admission: Admission, isEmailVerified: Bool
    ) {
        self.email = email
        self.name = name
        self.passwordHash = passwordHash
        self.admission = admission
        self.isEmailVerified = isEmailVerified
    }
}

/// What a password is compared with; it leaves the store for `Accounts` alone.
public struct PasswordHashes: Sendable {
    /// Of the password that was set here.
    public let local: String?
    /// Of the password that the cloud has sent, with the time of its last word.
    public let cloud: String?
    public let cloudSyncedAt: Timestamp?
}
