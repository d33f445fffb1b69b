/// Why the store did not do what it was asked.
public enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The database cannot be read or written just now: busy, full, damaged, shutting down.
    case unavailable(String)
    case deviceNotFound(String)
    /// Something else already has this value.
    case conflict(field: String, value: String, message: String)
    /// The value cannot be kept.
    case invalid(field: String, message: String)
    /// Something that was asked of an account is not allowed.
    case account(AccountRefusal)
    /// The file was written by a newer version of the agent, and going back would lose what that one added.
    case newerSchema(String)

    public var description: String {
        switch self {
        case .unavailable(let detail): "The store is not available: \(detail)"
        case .deviceNotFound(let id): "There is no device “\(id)”."
        case .account(let refusal): refusal.description
        case .conflict(_, _, let message), .invalid(_, let message), .newerSchema(let message): message
        }
    }
}
