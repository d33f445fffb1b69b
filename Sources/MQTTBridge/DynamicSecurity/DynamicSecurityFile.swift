import StationCore
public import StationData

/// The file of Mosquitto's dynamic-security plugin: a broker that starts with it lets in whom the station knows, with no
/// password in clear anywhere (contract 6).
public struct DynamicSecurityFile: Sendable, Equatable {
    /// How the agent logs in where it has set the broker up.
    public static let agentUsername = BrokerPlan.agentUsername

    private let root: JSONObject

    /// What a broker should have by the store.
    ///
    /// - Parameter agent: By what the agent's own password is known.
    /// - Throws: `StoreError.unavailable`.
    public init(
        of hub: StationHub, access: BridgeConfiguration.Access, agent: PasswordVerifier
    ) async throws(StoreError) {
        self.init(try await BrokerPlan(of: hub, access: access), agent: agent)
    }

    /// What a broker should have before there is a store: the agent alone gets in.
    public init(access: BridgeConfiguration.Access, agent: PasswordVerifier) {
        let plan = BrokerPlan(
            logins: [], allowsLegacyDevices: access.allowsLegacyDevices, reserved: access.reservedUsernames
        ) { _ in .nothing }
        self.init(plan, agent: agent)
    }

    init(_ plan: BrokerPlan, agent: PasswordVerifier) {
        var clients: [JSONValue] = [
            Self.client(
                BrokerPlan.agentUsername, verifier: agent, role: BrokerPlan.agentRole,
                ["textname": "the station's own agent"]
            )
        ]
        for username in plan.clients.keys.sorted() {
            guard let client = plan.clients[username], let verifier = client.login.verifier else { continue }
            clients.append(
                Self.client(
                    username, verifier: verifier, role: client.role,
                    [
                        "textname": .string(BrokerClient.mark), "textdescription": .string(verifier.fingerprint),
                        "clientid": .string(username),
                    ]
                )
            )
        }
        var roles = [Self.role(BrokerPlan.agentRole, BrokerRights.agentACLs)]
        roles += plan.roles.keys.sorted().map { Self.role($0, plan.roles[$0] ?? []) }
        var root: JSONObject = [
            "defaultACLAccess": BrokerDefaultAccess.closed.fileJSON, "clients": .array(clients), "groups": [],
            "roles": .array(roles),
        ]
        if plan.allowsLegacyDevices {
            root["groups"] = [
                [
                    "groupname": .string(BrokerPlan.anonymousGroup),
                    "roles": [["rolename": .string(BrokerPlan.legacyRole)]], "clients": [],
                ]
            ]
            root["anonymousGroup"] = .string(BrokerPlan.anonymousGroup)
        }
        self.root = root
    }

    private static func client(
        _ username: String, verifier: PasswordVerifier, role: String, _ more: JSONObject
    ) -> JSONValue {
        var client: JSONObject = ["username": .string(username)]
        for member in more.members { client[member.key] = member.value }
        client["roles"] = [["rolename": .string(role)]]
        client["password"] = .string(verifier.hashText)
        client["salt"] = .string(verifier.saltText)
        client["iterations"] = .integer(Int64(PasswordVerifier.iterations))
        return .object(client)
    }

    private static func role(_ name: String, _ acls: [BrokerACL]) -> JSONValue {
        ["rolename": .string(name), "acls": .array(acls.map(\.json))]
    }

    // MARK: Reading

    /// Reads a file; `nil` for what the broker could not use: empty, torn, or something else.
    public init?(_ bytes: [UInt8]) {
        guard let root = (try? JSONValue.parse(bytes))?.objectValue, root["clients"]?.arrayValue != nil,
            root["roles"]?.arrayValue != nil, root["defaultACLAccess"]?.objectValue != nil
        else { return nil }
        self.root = root
    }

    public var bytes: [UInt8] { JSONValue.object(self.root).serialized() + [UInt8(ascii: "\n")] }

    /// By what the agent's password is known in this file.
    public var agentVerifier: PasswordVerifier? {
        let client = self.root["clients"]?.arrayValue?.first { $0["username"] == .string(BrokerPlan.agentUsername) }
        guard let salt = client?["salt"]?.stringValue, let hash = client?["password"]?.stringValue,
            client?["iterations"] == .integer(Int64(PasswordVerifier.iterations))
        else { return nil }
        return PasswordVerifier("\(salt)$\(hash)")
    }

    // MARK: Merging

    /// This file with all that others have added to another one: clients, roles and groups that are not the agent's.
    public func adding(foreignPartsOf other: DynamicSecurityFile) -> DynamicSecurityFile {
        var root = self.root
        for (list, key) in [("clients", "username"), ("roles", "rolename"), ("groups", "groupname")] {
            let own = self.root[list]?.arrayValue ?? []
            let names = Set(own.compactMap { $0[key]?.stringValue })
            let foreign = (other.root[list]?.arrayValue ?? []).filter { element in
                guard let name = element[key]?.stringValue, !names.contains(name) else { return false }
                return !Self.isOurs(element, name)
            }
            root[list] = .array(own + foreign)
        }
        return DynamicSecurityFile(root: root)
    }

    private static func isOurs(_ element: JSONValue, _ name: String) -> Bool {
        element["textname"] == .string(BrokerClient.mark) || name == BrokerPlan.agentRole
            || name.hasPrefix(BrokerPlan.rolePrefix)
    }

    private init(root: JSONObject) {
        self.root = root
    }

    /// Whether a broker would do the same with both: the order of lists and members does not count, nor what the plugin
    /// writes besides.
    public func isEquivalent(to other: DynamicSecurityFile) -> Bool {
        self.canonical == other.canonical
    }

    private var canonical: [String: [String: JSONValue]] {
        var found: [String: [String: JSONValue]] = [:]
        for (list, key) in [("clients", "username"), ("roles", "rolename"), ("groups", "groupname")] {
            for element in self.root[list]?.arrayValue ?? [] {
                guard let name = element[key]?.stringValue else { continue }
                found[list, default: [:]][name] = Self.canonical(element)
            }
        }
        found["rest"] = [
            "access": self.root["defaultACLAccess"] ?? .null, "anonymous": self.root["anonymousGroup"] ?? .null,
        ]
        return found
    }

    private static func canonical(_ element: JSONValue) -> JSONValue {
        guard let object = element.objectValue else { return element }
        // Of our clients the fingerprint tells which password it is; a running broker chooses salts of its own.
        let isMarked = object["textname"] == .string(BrokerClient.mark)
        var members: [String: JSONValue] = [:]
        for member in object.members {
            if isMarked, ["password", "salt", "iterations"].contains(member.key) { continue }
            switch member.value {
            // Of no priority and of priority 0 is the same; the order within a list is not ours to rely on.
            case .array(let lines): members[member.key] = .array(lines.map(Self.line).sorted { "\($0)" < "\($1)" })
            default: members[member.key] = member.value
            }
        }
        var sorted = JSONObject()
        for key in members.keys.sorted() { sorted[key] = members[key] }
        return .object(sorted)
    }

    private static func line(_ line: JSONValue) -> JSONValue {
        if let acl = BrokerACL(json: line) { return acl.json }
        guard let role = line["rolename"] else { return line }
        return ["rolename": role]
    }
}
