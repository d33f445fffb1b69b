public import StationCore

/// Why something that was asked of an account is not done, though the store works.
public enum AccountRefusal: Sendable, Hashable, CustomStringConvertible {
    case userNotFound(UserID)
    case emailTaken
    /// There is an owner already, so nobody becomes one by registering.
    case alreadySetUp
    case invitationInvalid
    /// The owner can be neither removed nor demoted.
    case ownerIsFixed
    case tooManyUsers(limit: Int)

    public var description: String {
        switch self {
        case .userNotFound(let id): "There is no user “\(id)”."
        case .emailTaken: "There is an account with this e-mail address already."
        case .alreadySetUp: "This station has an owner already; ask for an invitation."
        case .invitationInvalid: "The invitation is unknown, used, expired or for another e-mail address."
        case .ownerIsFixed: "The owner of the station cannot be removed, and nobody else can become owner."
        case .tooManyUsers(let limit): "A station has at most \(limit) users."
        }
    }
}
