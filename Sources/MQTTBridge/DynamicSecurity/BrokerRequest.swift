import StationCore

/// A command or a question as it is sent to the plugin.
struct BrokerRequest: Sendable, Equatable {
    let name: String
    let members: JSONObject

    private init(_ name: String, _ members: JSONObject = [:]) {
        self.name = name
        self.members = members
    }

    init(_ command: BrokerCommand) {
        self.init(command.name, command.members)
    }

    static let defaultAccess = BrokerRequest("getDefaultACLAccess")
    static let anonymousGroup = BrokerRequest("getAnonymousGroup")

    /// A piece of a list: `listClients`, `listRoles` or `listGroups`.
    static func list(_ name: String, count: Int, offset: Int) -> BrokerRequest {
        BrokerRequest(
            name, ["verbose": true, "count": .integer(Int64(count)), "offset": .integer(Int64(offset))]
        )
    }

    func json(correlation: String) -> JSONValue {
        var json: JSONObject = ["command": .string(self.name)]
        for member in self.members.members { json[member.key] = member.value }
        json["correlationData"] = .string(correlation)
        return .object(json)
    }
}
