import StationCore
import StationData

/// What a broker should have: logins, roles, and the rest closed. Made of the store and the policy alone.
struct BrokerPlan: Sendable, Equatable {
    /// How the agent calls itself where `broker init` has set the broker up.
    static let agentUsername = "station-agent"
    static let agentRole = "station-agent"
    /// How the names of all other roles of ours begin.
    static let rolePrefix = "station-agent/"
    /// The group, and the role, of clients without a user name.
    static let anonymousGroup = "station-agent/anonymous"
    static let legacyRole = "station-agent/legacy-devices"

    struct Client: Sendable, Equatable {
        let login: BrokerLogin
        let role: String

        /// Which password it is to have; `nil` while none is known.
        var fingerprint: String? { self.login.verifier?.fingerprint }
    }

    /// By user name.
    private(set) var clients: [String: Client] = [:]
    private(set) var roles: [String: [BrokerACL]] = [:]
    var logins: [BrokerLogin] { self.clients.values.map(\.login) }
    let allowsLegacyDevices: Bool

    /// - Parameters:
    ///   - rights: What the owner of a minted login may do.
    ///   - reserved: User names that are not the agent's to give, such as its own.
    init(
        logins: [BrokerLogin], allowsLegacyDevices: Bool, reserved: Set<String>,
        rights: (CredentialOwner) -> BrokerRights
    ) {
        self.allowsLegacyDevices = allowsLegacyDevices
        for login in logins where !reserved.contains(login.username) {
            let role = Self.role(of: login.owner)
            self.clients[login.username] = Client(login: login, role: role)
            guard self.roles[role] == nil else { continue }
            switch login.owner {
            case .device(_, let name): self.roles[role] = BrokerRights.device(name).acls
            case .credential(let owner): self.roles[role] = rights(owner).acls
            }
        }
        if allowsLegacyDevices { self.roles[Self.legacyRole] = BrokerRights.legacyDevices.acls }
    }

    /// What a broker should have by the store and the policy.
    ///
    /// - Throws: `StoreError.unavailable`.
    init(of hub: StationHub, access: BridgeConfiguration.Access) async throws(StoreError) {
        let policy = access.policy.policy
        self.init(
            logins: try await hub.brokerLogins(), allowsLegacyDevices: access.allowsLegacyDevices,
            reserved: access.reservedUsernames
        ) { owner in
            switch owner {
            case .user(let id): hub.brokerRights(of: id)
            case .token(let subject): policy.rights(of: subject)
            }
        }
    }

    private static func role(of owner: BrokerLogin.Owner) -> String {
        switch owner {
        case .device(let id, _): "\(self.rolePrefix)device/\(id)"
        case .credential(let owner): "\(self.rolePrefix)\(owner.name)"
        }
    }
}
