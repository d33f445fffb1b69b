import GRDB
import StationCore

/// Brings accounts in line with what the cloud says, within one transaction; collects what that changes in memory.
struct RosterUpdate {
    let hub: StationHub
    let db: Database
    var effects = CommitEffects()

    private var table: UserTable { UserTable(db: self.db) }

    /// Without the address itself: this is logged.
    static func taken(by cloudUserID: String) -> StoreError {
        .conflict(
            field: "email", value: cloudUserID,
            message: "“\(cloudUserID)” has the e-mail address of another account of the station."
        )
    }

    // MARK: A whole list

    mutating func run(_ roster: CloudRoster) throws {
        let before = try self.table.all()
        let known = Self.matches(roster.members, before)
        let named = Set(known.values.map(\.id))
        let removed = before.filter { $0.cloudUserID != nil && !named.contains($0.id) }
        let local = before.filter { $0.cloudUserID == nil && !named.contains($0.id) }
        let localEmails = Set(local.map { $0.email.lowercased() })
        for member in roster.members where localEmails.contains(member.email.description) {
            throw Self.taken(by: member.cloudUserID)
        }
        guard local.count + roster.members.count <= StationHub.maximumUsers else {
            throw StoreError.account(.tooManyUsers(limit: StationHub.maximumUsers))
        }
        for user in removed { try self.remove(user) }
        try self.makeRoom(for: roster, known, local)
        for member in roster.members {
            try self.store(member, as: roster.role(of: member), over: known[member.cloudUserID])
        }
    }

    /// Which account belongs to which member: the one that is linked to it, else the one with its address.
    private static func matches(_ members: [CloudMember], _ users: [User]) -> [String: User] {
        var known: [String: User] = [:]
        let linked = Dictionary(uniqueKeysWithValues: users.compactMap { user in user.cloudUserID.map { ($0, user) } })
        for member in members { known[member.cloudUserID] = linked[member.cloudUserID] }
        let taken = Set(known.values.map(\.id))
        let byEmail = Dictionary(
            users.filter { !taken.contains($0.id) }.map { ($0.email.lowercased(), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for member in members where known[member.cloudUserID] == nil {
            known[member.cloudUserID] = byEmail[member.email.description]
        }
        return known
    }

    /// What is unique (owner, addresses, links) may go round among the members: first everybody gives it up.
    private mutating func makeRoom(for roster: CloudRoster, _ known: [String: User], _ local: [User]) throws {
        if known[roster.ownerID]?.role != .owner {
            try self.table.demoteOwner()
            if var old = local.first(where: { $0.role == .owner }) {
                old.role = .admin
                old.stationRole = .admin
                try self.save(old)
            }
        }
        for member in roster.members {
            guard let user = known[member.cloudUserID] else { continue }
            let isMoving = user.email.lowercased() != member.email.description
            let isRelinked = user.cloudUserID != nil && user.cloudUserID != member.cloudUserID
            if isMoving || isRelinked {
                try self.table.release(user.id, email: isMoving, cloudUserID: isRelinked)
            }
        }
    }

    // MARK: One member

    mutating func store(_ member: CloudMember, as role: UserRole, over user: User?) throws {
        let changes = CloudMemberChanges(
            cloudUserID: member.cloudUserID, email: member.email, name: member.name, role: role,
            passwordHash: member.passwordHash
        )
        if let user { return try self.store(changes, over: user) }
        let time = self.hub.clock.wallTime
        let new = User(
            id: .make(at: time), email: member.email.description, name: member.name ?? "", role: role,
            stationRole: role, isEmailVerified: true, cloudUserID: member.cloudUserID, createdAt: time
        )
        try self.table.insertCloudUser(new)
        try self.link(new, member.passwordHash)
        self.effects += CommitEffects(storing: new, announcing: .created(new.id))
    }

    mutating func store(_ changes: CloudMemberChanges, over before: User) throws {
        var user = before
        user.cloudUserID = changes.cloudUserID
        user.email = changes.email?.description ?? user.email
        user.name = changes.name ?? user.name
        if let role = changes.role {
            user.role = role
            user.stationRole = role
        }
        // The cloud has seen to that.
        user.isEmailVerified = true
        if before.cloudUserID != changes.cloudUserID { try self.endClaims(of: &user, before) }
        if user != before { try self.save(user, revoking: user.sessionsRevokedAt != before.sessionsRevokedAt) }
        try self.link(user, changes.passwordHash)
    }

    /// An account is linked for the first time, or to another person of the cloud: who had it before must not be let in
    /// by that alone.
    private mutating func endClaims(of user: inout User, _ before: User) throws {
        if before.cloudUserID != nil {
            try self.hub.endSessions(of: &user, in: self.db, effects: &self.effects)
        } else if before.stationRole == nil {
            // Whoever registers where anybody can has not proved that the address is theirs, and here they would wait
            // with a password of their own for the role that its true owner gets.
            try self.table.forgetLocalPassword(of: user.id)
            try self.hub.endSessions(of: &user, in: self.db, effects: &self.effects)
        }
    }

    mutating func remove(_ user: User) throws {
        let id = user.id
        try self.table.delete(id)
        self.effects += CommitEffects(changes: [{ $0.removeUser(id) }], events: [.account(.removed(id))])
    }

    private mutating func save(_ user: User, revoking isRevoking: Bool = false) throws {
        var user = user
        user.updatedAt = self.hub.clock.wallTime
        try self.table.update(user)
        self.effects += CommitEffects(
            storing: user, announcing: isRevoking ? .sessionsRevoked(user.id) : .updated(user.id))
    }

    private func link(_ user: User, _ hash: BcryptHash?) throws {
        guard let cloudUserID = user.cloudUserID else { return }
        try self.table.link(user.id, to: cloudUserID, passwordHash: hash, at: self.hub.tokenTime)
    }
}
