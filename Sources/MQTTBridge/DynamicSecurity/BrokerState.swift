import StationCore

/// What a broker's dynamic-security plugin has, as far as it is the agent's business.
struct BrokerState: Sendable, Hashable {
    var access: BrokerDefaultAccess?
    /// By user name, those of others too.
    var clients: [String: BrokerClient] = [:]
    /// The agent's own, by name.
    var roles: [String: Set<BrokerACL>] = [:]
    /// The group of clients without a user name; `nil` for none.
    var anonymousGroup: String?
    /// The roles of each group.
    var groups: [String: Set<String>] = [:]

    /// What is true once the broker has carried out a command.
    mutating func apply(_ command: BrokerCommand) {
        switch command {
        case .setDefaultAccess(let access): self.access = access
        case .createRole(let role, let acls), .modifyRole(let role, let acls): self.roles[role] = Set(acls)
        case .deleteRole(let role): self.roles[role] = nil
        case .createClient(let username, _, let fingerprint):
            self.clients[username] = BrokerClient(username: username, fingerprint: fingerprint)
        case .modifyClient(let username, _, let fingerprint):
            self.clients[username]?.fingerprint = fingerprint
            self.clients[username]?.clientID = username
            self.clients[username]?.isOurs = true
        // What was set besides its fingerprint is nobody's password.
        case .setPassword(let username, _): self.clients[username]?.fingerprint = BrokerClient.locked
        case .setClientID(let username): self.clients[username]?.clientID = username
        case .enableClient(let username): self.clients[username]?.isDisabled = false
        case .deleteClient(let username): self.clients[username] = nil
        case .addRole(let role, let username): self.clients[username]?.roles.insert(role)
        case .removeRole(let role, let username): self.clients[username]?.roles.remove(role)
        case .removeFromGroup(let group, let username): self.clients[username]?.groups.remove(group)
        case .createGroup(let group): self.groups[group] = []
        case .addGroupRole(let role, let group): self.groups[group]?.insert(role)
        case .removeGroupRole(let role, let group): self.groups[group]?.remove(role)
        case .setAnonymousGroup(let group): self.anonymousGroup = group
        }
    }
}
