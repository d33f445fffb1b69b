import StationCore

/// One command to Mosquitto's dynamic-security plugin that changes something.
///
/// Two things that Debian's broker (2.0.11) does not survive cannot be said here: roles given inside of `createClient`,
/// `modifyClient` or a group (it crashes when such a role is deleted), and `deleteGroup` (it crashes at once if clients
/// without a name belong to that group, or once did).
enum BrokerCommand: Sendable, Equatable {
    case setDefaultAccess(BrokerDefaultAccess)
    case createRole(String, [BrokerACL])
    /// Leaves connections alone; from then on every message is judged by the new lines.
    case modifyRole(String, [BrokerACL])
    case deleteRole(String)
    /// The client id is the user name.
    case createClient(String, password: Secret, fingerprint: String)
    /// Gives a client another password, and ends its connections.
    case modifyClient(String, password: Secret, fingerprint: String)
    case setPassword(String, Secret)
    /// Ties a client to its user name as client id, and ends its connections.
    case setClientID(String)
    case enableClient(String)
    /// Ends its connections; the last will is not sent.
    case deleteClient(String)
    case addRole(String, client: String)
    case removeRole(String, client: String)
    case removeFromGroup(String, client: String)
    case createGroup(String)
    case addGroupRole(String, group: String)
    case removeGroupRole(String, group: String)
    case setAnonymousGroup(String)

    /// As the plugin calls it.
    var name: String {
        switch self {
        case .setDefaultAccess: "setDefaultACLAccess"
        case .createRole: "createRole"
        case .modifyRole: "modifyRole"
        case .deleteRole: "deleteRole"
        case .createClient: "createClient"
        case .modifyClient: "modifyClient"
        case .setPassword: "setClientPassword"
        case .setClientID: "setClientId"
        case .enableClient: "enableClient"
        case .deleteClient: "deleteClient"
        case .addRole: "addClientRole"
        case .removeRole: "removeClientRole"
        case .removeFromGroup: "removeGroupClient"
        case .createGroup: "createGroup"
        case .addGroupRole: "addGroupRole"
        case .removeGroupRole: "removeGroupRole"
        case .setAnonymousGroup: "setAnonymousGroup"
        }
    }

    var members: JSONObject {
        switch self {
        case .setDefaultAccess(let access):
            ["acls": access.listJSON]
        case .createRole(let role, let acls), .modifyRole(let role, let acls):
            ["rolename": .string(role), "acls": .array(acls.map(\.json))]
        case .deleteRole(let role):
            ["rolename": .string(role)]
        case .createClient(let username, let password, let fingerprint),
            .modifyClient(let username, let password, let fingerprint):
            [
                "username": .string(username), "password": .string(password.revealed), "clientid": .string(username),
                "textname": .string(BrokerClient.mark), "textdescription": .string(fingerprint),
            ]
        case .setPassword(let username, let password):
            ["username": .string(username), "password": .string(password.revealed)]
        case .setClientID(let username):
            ["username": .string(username), "clientid": .string(username)]
        case .enableClient(let username), .deleteClient(let username):
            ["username": .string(username)]
        case .addRole(let role, let username), .removeRole(let role, let username):
            ["username": .string(username), "rolename": .string(role)]
        case .removeFromGroup(let group, let username):
            ["groupname": .string(group), "username": .string(username)]
        case .createGroup(let group), .setAnonymousGroup(let group):
            ["groupname": .string(group)]
        case .addGroupRole(let role, let group), .removeGroupRole(let role, let group):
            ["groupname": .string(group), "rolename": .string(role)]
        }
    }
}
