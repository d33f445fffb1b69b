import StationCore
import StationData

/// What is to be done so that a broker has what it should have: nothing when nothing has changed, since each command
/// makes the broker write its whole file, and some end connections.
struct BrokerDifference: Sendable, Equatable {
    /// The logins that the broker must no longer let in.
    struct Removal: Sendable, Equatable {
        let username: String
        /// Whether its session must be emptied first: the broker keeps it, and would hand it to the next of that name.
        let needsPurge: Bool
    }

    /// A few commands that belong together, and what is true afterwards.
    struct Step: Sendable, Equatable {
        var commands: [BrokerCommand]
        /// Who is let in with what it should have, once the commands have succeeded.
        var settled: [BrokerLogin] = []
        /// Whose connections the commands end, because its password has changed.
        var cutOff: Set<DeviceID> = []
    }

    var removals: [Removal] = []
    var steps: [Step] = []
    /// Who cannot get in until the broker reads its file anew: nobody knows the password in clear, and a running broker
    /// takes no hashes.
    var stranded: [BrokerLogin] = []
    /// Who is let in as it should be already.
    var settled: [BrokerLogin] = []

    init(from state: BrokerState, to plan: BrokerPlan) {
        if state.access != .closed { self.steps.append(Step(commands: [.setDefaultAccess(.closed)])) }
        self.findRemovals(state, plan)
        self.compareRoles(state, plan)
        let removed = Set(self.removals.map(\.username))
        for username in plan.clients.keys.sorted() {
            guard let wanted = plan.clients[username] else { continue }
            self.compare(removed.contains(username) ? nil : state.clients[username], wanted)
        }
        self.compareAnonymous(state, plan)
        self.dropRoles(state, plan)
    }

    private mutating func findRemovals(_ state: BrokerState, _ plan: BrokerPlan) {
        for client in state.clients.values.sorted(by: { $0.username < $1.username }) where client.isOurs {
            let owners = client.roles.filter { $0.hasPrefix(BrokerPlan.rolePrefix) }
            // Whoever has the name of somebody who is gone must not get what waits for that one.
            if let wanted = plan.clients[client.username], owners.isEmpty || owners.contains(wanted.role) { continue }
            let isMinted = owners.contains { role in
                ["user/", "token/"].contains { role.hasPrefix(BrokerPlan.rolePrefix + $0) }
            }
            self.removals.append(Removal(username: client.username, needsPurge: !isMinted))
        }
    }

    private mutating func compareRoles(_ state: BrokerState, _ plan: BrokerPlan) {
        for name in plan.roles.keys.sorted() {
            guard let acls = plan.roles[name] else { continue }
            guard let present = state.roles[name] else {
                self.steps.append(Step(commands: [.createRole(name, acls)]))
                continue
            }
            if present != Set(acls) { self.steps.append(Step(commands: [.modifyRole(name, acls)])) }
        }
    }

    private mutating func compare(_ present: BrokerClient?, _ wanted: BrokerPlan.Client) {
        let username = wanted.login.username
        guard let present, present.isOurs else {
            self.make(wanted, inPlaceOf: present)
            return
        }
        var step = Step(commands: [])
        if present.fingerprint != wanted.fingerprint {
            guard let password = wanted.login.password, let fingerprint = wanted.fingerprint else {
                self.lock(present, wanted)
                return
            }
            step.commands.append(.modifyClient(username, password: password, fingerprint: fingerprint))
            if case .device(let id, _) = wanted.login.owner { step.cutOff.insert(id) }
        } else if present.clientID != username {
            step.commands.append(.setClientID(username))
        }
        for group in present.groups.sorted() { step.commands.append(.removeFromGroup(group, client: username)) }
        for role in present.roles.subtracting([wanted.role]).sorted() {
            step.commands.append(.removeRole(role, client: username))
        }
        if !present.roles.contains(wanted.role) { step.commands.append(.addRole(wanted.role, client: username)) }
        if present.isDisabled { step.commands.append(.enableClient(username)) }
        if step.commands.isEmpty {
            self.settled.append(wanted.login)
        } else {
            step.settled = [wanted.login]
            self.steps.append(step)
        }
    }

    private mutating func make(_ wanted: BrokerPlan.Client, inPlaceOf foreign: BrokerClient?) {
        let username = wanted.login.username
        guard let password = wanted.login.password, let fingerprint = wanted.fingerprint else {
            if let foreign { self.lock(foreign, wanted) } else { self.stranded.append(wanted.login) }
            return
        }
        var commands: [BrokerCommand] = foreign == nil ? [] : [.deleteClient(username)]
        commands.append(.createClient(username, password: password, fingerprint: fingerprint))
        commands.append(.addRole(wanted.role, client: username))
        self.steps.append(Step(commands: commands, settled: [wanted.login]))
    }

    /// Keeps out whoever has the old password: better nobody gets in than somebody who must not.
    private mutating func lock(_ present: BrokerClient, _ wanted: BrokerPlan.Client) {
        self.stranded.append(wanted.login)
        guard !present.isOurs || present.fingerprint != BrokerClient.locked else { return }
        let command = BrokerCommand.modifyClient(
            present.username, password: OpaqueToken.make(), fingerprint: BrokerClient.locked
        )
        var step = Step(commands: [command])
        if case .device(let id, _) = wanted.login.owner { step.cutOff.insert(id) }
        self.steps.append(step)
    }

    /// Clients without a user name: what they may do hangs on the roles of one group, and once there is such a group it
    /// can be replaced but not removed.
    private mutating func compareAnonymous(_ state: BrokerState, _ plan: BrokerPlan) {
        let group = BrokerPlan.anonymousGroup
        var commands: [BrokerCommand] = []
        let isNeeded = plan.allowsLegacyDevices || state.anonymousGroup != nil
        let roles = state.groups[group] ?? []
        if isNeeded, state.groups[group] == nil { commands.append(.createGroup(group)) }
        let wanted: Set<String> = plan.allowsLegacyDevices ? [BrokerPlan.legacyRole] : []
        for role in roles.subtracting(wanted).sorted() { commands.append(.removeGroupRole(role, group: group)) }
        for role in wanted.subtracting(roles).sorted() { commands.append(.addGroupRole(role, group: group)) }
        if isNeeded, state.anonymousGroup != group { commands.append(.setAnonymousGroup(group)) }
        if !commands.isEmpty { self.steps.append(Step(commands: commands)) }
    }

    /// Last of all: a role goes only after the clients that had it (contract 6).
    private mutating func dropRoles(_ state: BrokerState, _ plan: BrokerPlan) {
        for name in state.roles.keys.sorted() where plan.roles[name] == nil {
            self.steps.append(Step(commands: [.deleteRole(name)]))
        }
    }
}
