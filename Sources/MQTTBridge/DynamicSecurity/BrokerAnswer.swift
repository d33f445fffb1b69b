import StationCore

/// The broker's answer to one command.
struct BrokerAnswer: Sendable, Hashable {
    /// Why it was not carried out; `nil` when it was.
    let refusal: String?
    /// What was asked for; `null` where nothing was.
    let data: JSONValue

    init(_ json: JSONValue) {
        self.refusal = json["error"]?.stringValue
        self.data = json["data"] ?? .null
    }

    /// Whether things are now as the command wants them, by it or before: what is gone already, or there already, is no
    /// fault. A client that is there already is one: it has another password.
    func isAsWanted(by command: BrokerCommand) -> Bool {
        guard let refusal = self.refusal?.lowercased() else { return true }
        switch command {
        case .deleteRole, .deleteClient, .removeRole, .removeFromGroup, .removeGroupRole, .setPassword:
            return refusal.contains("not found")
        case .addRole, .addGroupRole, .createGroup:
            return refusal.contains("already")
        default:
            return false
        }
    }
}
