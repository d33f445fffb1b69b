import StationCore

/// What brokers ask and are answered (contract 6, "HTTP fronts").
extension Schema {
    // MARK: mosquitto-go-auth

    static let brokerVerdict = Schema.object([("ok", .boolean), ("reason", .string), ("error", .string)])
        .named("BrokerVerdict")

    static let brokerLogin = Schema.object(client, optional: ["username", "password", "clientid"]).nullable

    static let brokerLoginForm = openForm(clientForm, optional: ["username", "password", "clientid"])

    static let brokerAccess = Schema.object(
        client + [("acc", .anyOf([.integer(1...7), .pattern("^0*[1-7]$")])), ("topic", .string)],
        optional: ["username", "password", "clientid"]
    )

    static let brokerAccessForm = openForm(
        clientForm + [("acc", .pattern("^0*[1-7]$")), ("topic", .string)],
        optional: ["username", "password", "clientid"]
    )

    // MARK: EMQX

    static let emqxVerdict = Schema.object([("result", .choice(["allow", "deny"]))])

    static let emqxLoginVerdict = Schema.object(
        [("result", .choice(["allow", "deny"])), ("is_superuser", .boolean), ("expire_at", .integer)],
        optional: ["is_superuser", "expire_at"]
    )

    static let emqxAccess = Schema.object(
        client + emqxAction, optional: ["username", "password", "clientid", "action", "access"]
    )

    static let emqxAccessForm = openForm(
        clientForm + emqxAction, optional: ["username", "password", "clientid", "action", "access"]
    )

    // MARK: Minted logins

    static let brokerCredential = Schema.object([
        ("username", .string), ("password", .string), ("client_id", .string), ("expires_at", .time),
    ])

    // MARK: Parts

    /// Brokers write what they do not have as an empty text or as `null`.
    private static let client: [(String, Schema)] = [
        ("username", .string.nullable), ("password", .string.nullable), ("clientid", .string.nullable),
    ]

    private static let clientForm: [(String, Schema)] = [
        ("username", .string), ("password", .string), ("clientid", .string),
    ]

    private static let emqxAction: [(String, Schema)] = [
        ("action", .choice(["publish", "subscribe"])), ("access", .choice(["1", "2"])), ("topic", .string),
    ]

    /// A form whose further fields are passed over.
    private static func openForm(_ members: [(String, Schema)], optional: Set<String>) -> Schema {
        var form = Schema.object(members, optional: optional)
        form.json["additionalProperties"] = ["type": "string"]
        return form
    }
}
