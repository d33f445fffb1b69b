/// A person with an account on this station (contract 2, "Shapes"). Its password hashes never leave the store.
public struct User: Sendable, Hashable {
    public static let maximumNameLength = 64

    public let id: UserID
    /// Unique whatever its case.
    public var email: String
    public var name: String
    /// What the person may do with the station as a whole.
    public var role: UserRole
    /// The role as a member of the station, which hooks of the station ask for; `nil` for none.
    public var stationRole: UserRole?
    public var isEmailVerified: Bool
    /// The account's name in the cloud; `nil` for one that was made here.
    public var cloudUserID: String?
    public let createdAt: Timestamp
    public var updatedAt: Timestamp
    /// Access tokens issued at or before this moment are dead.
    public var sessionsRevokedAt: Timestamp?

    public init(
        id: UserID, email: String, name: String, role: UserRole, stationRole: UserRole? = nil,
        isEmailVerified: Bool = false, cloudUserID: String? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.email = email
        self.name = name
        self.role = role
        self.stationRole = stationRole
        self.isEmailVerified = isEmailVerified
        self.cloudUserID = cloudUserID
        self.createdAt = createdAt
        self.updatedAt = createdAt
    }

    /// Station owner and admins count as owner of every place (contract 2, "Hooks").
    public var ownsEveryPlace: Bool { self.role != .member || self.stationRole == .owner || self.stationRole == .admin }
}

public typealias UserID = Identifier<User>

/// What somebody may do with the station as a whole.
public enum UserRole: String, Sendable, Hashable, CaseIterable {
    /// The one who set the station up; there is exactly one.
    case owner
    case admin
    case member
}
