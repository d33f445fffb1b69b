import StationCore

/// A client as a broker lists it.
struct BrokerClient: Sendable, Hashable {
    /// The text by which a client is known to be the agent's to change.
    static let mark = "station-agent"
    /// Instead of a fingerprint: nobody knows the password.
    static let locked = "locked"

    var username: String
    var clientID: String?
    /// Whether the agent made it.
    var isOurs: Bool
    /// Which password it has (`PasswordVerifier.fingerprint`).
    var fingerprint: String?
    var roles: Set<String>
    var groups: Set<String> = []
    var isDisabled = false

    init?(json: JSONValue) {
        guard let username = json["username"]?.stringValue else { return nil }
        self.username = username
        self.clientID = json["clientid"]?.stringValue
        self.isOurs = json["textname"]?.stringValue == Self.mark
        self.fingerprint = json["textdescription"]?.stringValue
        self.roles = Set(json["roles"]?.arrayValue?.compactMap { $0["rolename"]?.stringValue } ?? [])
        self.groups = Set(json["groups"]?.arrayValue?.compactMap { $0["groupname"]?.stringValue } ?? [])
        self.isDisabled = json["disabled"]?.boolValue ?? false
    }

    /// One that was just made by us.
    init(username: String, fingerprint: String) {
        self.username = username
        self.clientID = username
        self.isOurs = true
        self.fingerprint = fingerprint
        self.roles = []
    }
}
