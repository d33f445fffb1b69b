/// Why a backup was not made or cannot be restored.
public enum BackupError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The store cannot be read just now.
    case busy(String)
    /// The store itself is damaged; a copy would be too.
    case storeDamaged(String)
    /// The file cannot be written: no room, no leave, no such directory.
    case unwritable(path: String, detail: String)
    /// It is no backup, or a damaged one; `problem` is to be read after the path.
    case unusable(path: String, problem: String)
    /// A newer agent has made it, and this one would lose what that one added.
    case newer(path: String, agentVersion: String)

    public var description: String {
        switch self {
        case .busy(let detail): "The store cannot be read just now: \(detail). Try again."
        case .storeDamaged(let detail): "The store is damaged: \(detail). Restore an older backup."
        case .unwritable(let path, let detail):
            "\(path) cannot be written: \(detail). Choose a place with room that can be written to."
        case .unusable(let path, let problem): "\(path) \(problem). Nothing was changed; try another backup."
        case .newer(let path, let agentVersion):
            "\(path) was made by a newer station-agent (\(agentVersion)). Nothing was changed; install that version "
                + "first."
        }
    }
}
