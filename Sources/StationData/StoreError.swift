/// Why the store did not do what it was asked.
public enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The database cannot be read or written just now: busy, shutting down.
    case unavailable(String)
    /// The disk is the reason.
    case disk(DiskFault, String)
    case deviceNotFound(String)
    /// Something other than a device is not there, or not where it is looked for.
    case notFound(Missing, id: String)
    /// The caller's role does not allow it; the text says what is.
    case forbidden(String)
    /// Something else already has this value.
    case conflict(field: String, value: String, message: String)
    /// The value cannot be kept.
    case invalid(field: String, message: String)
    /// Something that was asked of an account is not allowed.
    case account(AccountRefusal)
    /// The file was written by a newer version of the agent, and going back would lose what that one added.
    case newerSchema(String)

    /// What can be missing, in the words of the API's error codes (`sensor_not_found`).
    public enum Missing: String, Sendable, Hashable, CaseIterable {
        case place, member, user, zone, sensor, actuator, threshold, alert
    }

    /// What the disk did, if it is the reason.
    public var diskFault: DiskFault? {
        if case .disk(let fault, _) = self { fault } else { nil }
    }

    public var description: String {
        switch self {
        case .unavailable(let detail): "The store is not available: \(detail)"
        case .disk(.full, let detail): "The disk is full: \(detail)"
        case .disk(.unwritable, let detail): "The disk takes no writes: \(detail)"
        case .disk(.unreadable, let detail): "The disk does not give the store: \(detail)"
        case .disk(.damaged, let detail):
            "The store is damaged: \(detail). When station-agent starts, it restores the newest good backup."
        case .deviceNotFound(let id): "There is no device “\(id)”."
        case .account(let refusal): refusal.description
        case .notFound(let missing, let id): "There is no such \(missing.rawValue) here: “\(id)”."
        case .conflict(_, _, let message), .invalid(_, let message), .newerSchema(let message),
            .forbidden(let message):
            message
        }
    }
}
