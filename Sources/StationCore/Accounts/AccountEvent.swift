/// What happened to somebody's account: live views that are open under it must look again, or end.
public enum AccountEvent: Sendable, Hashable {
    case created(UserID)
    /// Name, role or address changed.
    case updated(UserID)
    case removed(UserID)
    /// All access tokens issued so far are dead.
    case sessionsRevoked(UserID)
    /// One sign-in has ended.
    case sessionEnded(UserID, SessionID)

    public var userID: UserID {
        switch self {
        case .created(let id), .updated(let id), .removed(let id), .sessionsRevoked(let id), .sessionEnded(let id, _):
            id
        }
    }
}
