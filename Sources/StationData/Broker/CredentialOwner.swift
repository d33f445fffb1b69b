public import StationCore

/// Whom a minted login at the broker is for.
public enum CredentialOwner: Sendable, Hashable {
    /// Somebody with an account here: sees what is under its places.
    case user(UserID)
    /// The subject of a token of an issuer: may what the policy says.
    case token(TokenSubject)

    /// A name for whoever may do the same: two tokens of one subject may differ in groups and scopes.
    public var name: String {
        switch self {
        case .user(let id): "user/\(id)"
        case .token(let subject): "token/\(OpaqueToken.digest(JSONValue.object(subject.json).description))"
        }
    }

    /// How the names of its logins begin.
    var usernameBase: String {
        switch self {
        case .user(let id):
            return "user:\(id)"
        case .token(let subject):
            // An issuer may call its subjects anything; on a broker a name must not look like somebody else's.
            let isPlain = TopicName.isValid(subject.id)
            return "token:\(subject.kind.rawValue):\(isPlain ? subject.id : OpaqueToken.digest(subject.id))"
        }
    }
}
