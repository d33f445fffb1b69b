public import StationCore

/// Somebody who belongs to the station, as the cloud tells it (contract 4, "Legacy messages").
public struct CloudMember: Sendable, Equatable {
    public static let maximumIDLength = 128

    /// The account's name in the cloud.
    public let cloudUserID: String
    public let email: EmailAddress
    /// `nil` leaves a name that is there already as it is.
    public let name: String?
    public let role: UserRole
    /// `nil` leaves a password that is there already as it is.
    public let passwordHash: BcryptHash?

    public init(
        cloudUserID: String, email: EmailAddress, name: String? = nil, role: UserRole, passwordHash: BcryptHash? = nil
    ) {
        self.cloudUserID = cloudUserID
        self.email = email
        self.name = name
        self.role = role
        self.passwordHash = passwordHash
    }
}

/// What has changed about somebody whom the cloud has named before; what is `nil` stays.
public struct CloudMemberChanges: Sendable, Equatable {
    public let cloudUserID: String
    public var email: EmailAddress?
    public var name: String?
    public var role: UserRole?
    public var passwordHash: BcryptHash?

    public init(
        cloudUserID: String, email: EmailAddress? = nil, name: String? = nil, role: UserRole? = nil,
        passwordHash: BcryptHash? = nil
    ) {
        self.cloudUserID = cloudUserID
        self.email = email
        self.name = name
        self.role = role
        self.passwordHash = passwordHash
    }
}
